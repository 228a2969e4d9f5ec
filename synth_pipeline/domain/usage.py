"""What model calls took; free of pyarrow, so that the Lambda intake can import it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """What the model calls of one piece of work took; all zero for the catalogue."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    latency_s: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            round(self.latency_s + other.latency_s, 3),
        )
