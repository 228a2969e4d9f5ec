"""What a model is asked first about one generator, whatever the family of data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """The first turn about one generator: what is the same for every machine, then its own part.

    Providers keep the beginning of a prompt; what is the same comes first so that it is kept.
    """

    shared: str
    own: str

    @property
    def text(self) -> str:
        """The whole question."""
        return self.shared + self.own
