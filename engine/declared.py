"""A value that is declared once: its default, its title, its help and what it may be.

What checks a value, what shows it and what explains it all read the same declaration.
"""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.errors import TextNotAccepted

MOST_CHARACTERS = 20_000  # of a value that is text
Value = TypeVar("Value", int, float, str, bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """How a value is shown and what it may be. `choices` and `reads` are for texts.

    `reads` makes of a text what it stands for; it raises `TextNotAccepted` for one that stands for nothing.
    """

    title: str
    help: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    reads: Callable[[str], object] | None = None


def setting(
    default: Value,
    title: str,
    help: str,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
    reads: Callable[[str], object] | None = None,
) -> Value:
    """Declare one field of a dataclass: its default, its title, its help and its limits."""
    about = About(title=title, help=help, least=least, most=most, choices=choices, reads=reads)
    value: Value = dataclasses.field(default=default, metadata={"about": about})
    return value


def abouts(kind: Any) -> dict[str, About]:
    """The declared fields of a dataclass and how each is shown, in the order of declaration."""
    return {field.name: field.metadata["about"] for field in dataclasses.fields(kind) if "about" in field.metadata}


def accepted(about: About, default: Any, value: Any) -> Any:
    """`value` in the type of `default` and within its limits. Raises `TextNotAccepted` naming it and the limit."""
    whole_for_fraction = isinstance(default, float) and type(value) is int
    if type(value) is not type(default) and not whole_for_fraction:
        why = f"it must be of kind {type(default).__name__}"
        raise TextNotAccepted(what=about.title, value=value, why=why)
    if isinstance(value, float) and not math.isfinite(value):
        raise TextNotAccepted(what=about.title, value=value, why="it is no number")
    if isinstance(value, str) and len(value) > MOST_CHARACTERS:
        raise TextNotAccepted(what=about.title, value="that", why=f"the most is {MOST_CHARACTERS:,} characters")
    if about.choices and value not in about.choices:
        raise TextNotAccepted(what=about.title, value=value, why=f"choose one of {', '.join(about.choices)}")
    if about.least is not None and value < about.least:
        raise TextNotAccepted(what=about.title, value=value, why=f"the least is {about.least:g}")
    if about.most is not None and value > about.most:
        raise TextNotAccepted(what=about.title, value=value, why=f"the most is {about.most:g}")
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode()
        if about.reads is not None:
            about.reads(value)
        return value
    return type(default)(value)
