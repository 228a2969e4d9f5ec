"""What model calls took and cost; free of pyarrow, so that the Lambda intake can import it."""

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


TOKENS_OF_A_PRICE = 1_000_000
DIGITS_OF_A_COST = 6


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens of each kind cost, in any one currency; None where it is not known."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None

    @property
    def are_set(self) -> bool:
        """True where one is known at least: then costs are shown, else nothing is said of them."""
        return self != Prices()

    def shown(self, usage: Usage) -> float | None:
        """The cost as it is shown: None too where no price is set."""
        cost = self.cost(usage) if self.are_set else None
        return None if cost is None else round(cost, DIGITS_OF_A_COST)

    def cost(self, usage: Usage) -> float | None:
        """What the tokens cost; None where the price of a kind that was used is not known.

        No calls cost nothing, whatever the prices.
        """
        total = 0.0
        for price, tokens in (
            (self.input, usage.input_tokens),
            (self.output, usage.output_tokens),
            (self.cache_read, usage.cache_read_tokens),
            (self.cache_write, usage.cache_write_tokens),
        ):
            if tokens and price is None:
                return None
            total += tokens * (price or 0.0) / TOKENS_OF_A_PRICE
        return total
