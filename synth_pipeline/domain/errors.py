"""Every error the project raises on purpose; each carries the exit code the CLI ends with.

A message is one line: the thing, the value, what was expected, the next move. The tree, with
exit code 2 where nothing was written and the command could do nothing::

    SynthError                          1
    ├── InputError                      2   a value of the user's
    │   └── NotFoundError               2   a name that does not exist
    ├── UnavailableError                2   a service or setting the whole command needs
    │   ├── SettingsError               2
    │   └── SandboxError                2
    ├── AuthorError                     1   no list, no generator
    │   └── ReplyError                  1   a reply without what was asked for
    ├── GeneratorError                  1   a generator that never kept the contract
    ├── OutputError                     1   a file it left that cannot be read
    ├── StoreError                      1
    │   ├── StoreSettingsError          2   (an UnavailableError too)
    │   └── ChangedCodeError            1   code that is not what was accepted
    └── RegistryError                   1
        └── RegistrySettingsError       2   (an UnavailableError too)
"""

from collections.abc import Sequence
from typing import ClassVar

from synth_pipeline.domain.usage import Usage


class SynthError(Exception):
    """Something the project understands went wrong; `usage` is what model calls took till then."""

    exit_code: ClassVar[int] = 1
    usage: Usage = Usage()


class InputError(SynthError):
    """A value given by the user is not acceptable; nothing was written."""

    exit_code: ClassVar[int] = 2


class NotFoundError(InputError):
    """The user named something that does not exist."""


class UnavailableError(SynthError):
    """A service or setting the whole command needs cannot be used; nothing was written."""

    exit_code: ClassVar[int] = 2


class SettingsError(UnavailableError):
    """A setting has a value that cannot work."""


class AuthorError(SynthError):
    """The author could not list machines or write a generator."""


class ReplyError(AuthorError):
    """A model's reply does not hold what was asked for."""


class SandboxError(UnavailableError):
    """No sandbox could start, or the one asked for cannot."""


class StoreError(SynthError):
    """The dataset store did not do what was asked of it."""


class StoreSettingsError(StoreError, UnavailableError):
    """The store cannot be reached as it is set: no bucket, no credentials, another region."""


class ChangedCodeError(StoreError):
    """Stored generator code is not what was accepted."""


class RegistryError(SynthError):
    """The request registry did not do what was asked of it."""


class RegistrySettingsError(RegistryError, UnavailableError):
    """The registry cannot be reached as it is set: no table, no credentials, no region."""


class OutputError(SynthError):
    """A file that a generator left cannot be read; the message goes back to its author."""


class GeneratorError(SynthError):
    """A generator never produced a dataset within the contract."""

    def __init__(
        self, message: str, reasons: Sequence[str] = (), usage: Usage | None = None
    ) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)
        self.usage = usage or Usage()
