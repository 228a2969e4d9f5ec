"""What model calls took; free of pyarrow, so that the Lambda intake can import it."""

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """What the model calls of one piece of work took; all zero for the catalogue.

    `input_tokens` are those that were neither read from the provider's prompt cache nor
    written to it; the two cache counts stand beside it, as they are priced otherwise.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    latency_s: float = 0.0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        sums = {
            field.name: getattr(self, field.name) + getattr(other, field.name)
            for field in dataclasses.fields(self)
        }
        return Usage(**{**sums, "latency_s": round(sums["latency_s"], 3)})
