"""A model whose calls end when told; it knows how many were ever open at a time."""

import threading

from synth_pipeline_tests.support.scripted_server import Reply, Request


class Rush:
    """A script for a scripted server; `full` is set once `expected` calls are open together."""

    def __init__(self, expected: int, reply: Reply) -> None:
        self.full = threading.Event()
        self.may_end = threading.Event()
        self.open = self.most = self.total = 0
        self._expected = expected
        self._reply = reply
        self._lock = threading.Lock()

    def __call__(self, _: Request) -> Reply:
        with self._lock:
            self.open += 1
            self.total += 1
            self.most = max(self.most, self.open)
            if self.open == self._expected:
                self.full.set()
        self.may_end.wait(30)
        with self._lock:
            self.open -= 1
        return self._reply
