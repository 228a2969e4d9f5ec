"""Waiting for a place, and the end of it."""

import threading

from synth_pipeline.domain.stop import acquire, never


def test_a_free_place_is_taken() -> None:
    places = threading.BoundedSemaphore(2)

    assert acquire(places, never)
    assert acquire(places, never)
    assert not places.acquire(blocking=False)


def test_who_is_told_to_stop_takes_none() -> None:
    places = threading.BoundedSemaphore(1)

    assert not acquire(places, lambda: True)
    assert places.acquire(blocking=False)


def test_waiting_ends_with_a_place_that_comes_free() -> None:
    places, taken = threading.Semaphore(0), threading.Event()
    thread = threading.Thread(target=lambda: acquire(places, never) and taken.set())
    thread.start()

    places.release()
    thread.join(30)

    assert taken.is_set()


def test_a_place_that_comes_free_with_the_stop_is_given_back() -> None:
    places = threading.Semaphore(1)
    answers = iter([False, True, True])

    assert not acquire(places, lambda: next(answers))
    assert places.acquire(blocking=False)
