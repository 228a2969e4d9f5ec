"""How often a call is tried: one budget for every fault that may pass, growing pauses between.

Which faults may pass is the provider's to say; nothing below it tries again on its own.
"""

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import replace

from synth_pipeline.authoring.model.client import Completion, ModelOptions
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.usage import Usage

LONGEST_PAUSE_S = 20.0
LONGEST_WISH_S = 60.0  # what a server may ask for, as in a Retry-After header


class PassingFaultError(Exception):
    """A fault that the next attempt may not meet; `error` is raised where all attempts met one.

    `wait_s` is how long the server wishes to be left alone.
    """

    def __init__(self, error: SynthError, wait_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


def persist(
    attempt: Callable[[], Completion],
    options: ModelOptions,
    sleep: Callable[[float], None] = time.sleep,
) -> Completion:
    """Return the first completion of at most `options.attempts` attempts, counting what all took.

    Raises the error of the last PassingFaultError, and every SynthError at once.
    """
    spent = Usage()
    for number in itertools.count(1):
        try:
            completion = attempt()
        except PassingFaultError as fault:
            spent += fault.error.usage
            if number >= options.attempts:
                fault.error.usage = spent
                raise fault.error from fault.__cause__
            sleep(max(_pause_s(number, options.backoff_s), min(fault.wait_s, LONGEST_WISH_S)))
        except SynthError as error:
            error.usage += spent
            raise
        else:
            break
    return replace(completion, usage=spent + completion.usage)


def _pause_s(number: int, backoff_s: float) -> float:
    """Seconds after the failed attempt of that number; by chance, lest threads return together."""
    longest_s = min(backoff_s * 2.0 ** (number - 1), LONGEST_PAUSE_S)
    return longest_s * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, guards nothing
