"""The public interface of a module as a model is shown it."""

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline import signal_kit
from synth_pipeline.authoring.model.interface import describe_interface

SOURCE = '''\
"""A kit.

With a second paragraph.
"""

import logging
from dataclasses import dataclass

MINUTES_PER_DAY = 1440
_HIDDEN = 1
Floats = list[float]
TABLE = {"a": [1, 2, 3] * 200, "b": "PADDING"}
logger = logging.getLogger()


@dataclass(frozen=True)
class Event(tuple):
    """One event.

    ```not a fence```
    """

    start: int
    kind: str = "spike"
    _private: int = 0

    def length(self, *, unit: str = "min") -> int:
        """How long it is."""
        return 1

    def _helper(self) -> None: ...


def lag(values: Floats, tau: float = 2.0, /, *rest: int, name: str, **more: object) -> Floats:
    return values


def _private() -> None: ...
'''.replace("PADDING", "x" * 500)


def test_the_interface_of_a_module_is_its_public_names_with_docstrings() -> None:
    interface = describe_interface(SOURCE)

    assert interface == (
        '"""A kit.\n\nWith a second paragraph.\n"""\n\n'
        "MINUTES_PER_DAY = 1440\n\nFloats = list[float]\n\nTABLE = ...\n\n"
        "@dataclass(frozen=True)\nclass Event(tuple):\n"
        "    \"\"\"One event.\n\n    '''not a fence'''\n    \"\"\"\n"
        "    start: int\n    kind: str = 'spike'\n"
        "    def length(self, *, unit: str='min') -> int:\n"
        '        """How long it is."""\n\n'
        "def lag(values: Floats, tau: float=2.0, /, *rest: int, name: str, **more: object)"
        " -> Floats:\n    ..."
    )


def test_the_interface_follows_a_list_of_exports() -> None:
    interface = describe_interface(SOURCE + "\n__all__ = ['lag']\n")

    assert "def lag" in interface
    assert "class Event" not in interface


@settings(deadline=None)  # cores are shared and noisy
@given(st.text())
def test_the_interface_of_any_docstring_is_python_without_fences(text: str) -> None:
    interface = describe_interface(f"def lag():\n    {text!r}\n")

    ast.parse(interface)
    assert "```" not in interface


@pytest.mark.parametrize("source", ["", "def broken(", "\x00"])
def test_a_module_without_interface_gives_an_empty_text(source: str) -> None:
    assert describe_interface(source) == ""


def test_the_interface_of_the_kit_shows_every_public_function_and_class() -> None:
    source = Path(signal_kit.__file__).read_text(encoding="utf-8")

    interface = describe_interface(source)

    names = [
        n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef | ast.ClassDef)
    ]
    shown = {
        n.name for n in ast.parse(interface).body if isinstance(n, ast.FunctionDef | ast.ClassDef)
    }
    assert shown == set(names) & set(signal_kit.__all__)
    assert {"Simulation", "Recorder"} <= shown
    assert "```" not in interface
    assert len(interface) < 20_000
