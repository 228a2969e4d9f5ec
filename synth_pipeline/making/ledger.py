"""What model calls took, added to their request in the registry as soon as each is over."""

import threading
from functools import partial

from synth_pipeline.authoring.meter import Spent, unnoticed
from synth_pipeline.domain.progress import NOTE, Progress
from synth_pipeline.domain.text import clipped
from synth_pipeline.domain.usage import Usage
from synth_pipeline.services import Services


class Ledger:
    """Counts the calls of one run, so that a run that is killed has counted all that were over.

    A write that fails loses no reply: whoever watches is told once, and what is owed is added
    with the next call of the request and by `settle`. Threads may share one.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._owed: dict[str, Usage] = {}
        self._requests: dict[str, None] = {}  # in order
        self._has_failed = False
        self._warnings: list[str] = []

    @property
    def requests(self) -> tuple[str, ...]:
        """The requests that calls were made for."""
        return tuple(self._requests)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What went wrong; whoever watches was told already."""
        return tuple(self._warnings)

    def spent_on(self, request_id: str | None) -> Spent:
        """Who is to hear of each call made for a request; without one nobody counts."""
        return partial(self._add, request_id) if request_id else unnoticed

    def settle(self) -> None:
        """Add what could not be added before; say what stays uncounted."""
        for request_id in tuple(self._owed):
            self._add(request_id, Usage())
        for request_id, usage in self._owed.items():
            self._warn(
                f"request {request_id}: {usage.calls} model calls of {usage.input_tokens:,} + "
                f"{usage.output_tokens:,} tokens are not counted in the registry"
            )

    def _add(self, request_id: str, usage: Usage) -> None:
        with self._lock:
            self._requests[request_id] = None
            total = usage + self._owed.pop(request_id, Usage())
        try:
            self._services.registry.add_usage(request_id, total)
        except Exception as error:  # noqa: BLE001  # whatever it is, the reply is paid for
            self._keep(request_id, total, error)

    def _keep(self, request_id: str, usage: Usage, error: Exception) -> None:
        with self._lock:
            self._owed[request_id] = usage + self._owed.get(request_id, Usage())
            is_first, self._has_failed = not self._has_failed, True
        if is_first:
            self._warn(f"what a model call took could not be counted yet: {clipped(str(error))}")

    def _warn(self, text: str) -> None:
        self._warnings.append(text)
        self._services.watch(Progress("model calls", NOTE, text))
