"""Every setting of Hanare, declared once.

Validation, the settings page and the docs read this one declaration. A value of `Settings` is
passed to whoever needs it; changing one makes a new value.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.errors import TextNotAccepted

MOST_CHARACTERS = 20_000  # of a setting that is text
Value = TypeVar("Value", int, float, str, bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """How a setting is shown and what it may be. `choices` are for text settings."""

    title: str
    help: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()


def setting(
    default: Value,
    title: str,
    help: str,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
) -> Value:
    """Declare one setting: its default, its title, its help and its limits."""
    about = About(title=title, help=help, least=least, most=most, choices=choices)
    value: Value = dataclasses.field(default=default, metadata={"about": about})
    return value


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the person may choose. Construct through `changed` to have values checked."""

    theme: str = setting(
        "system", "Theme", "Light, dark, or as the rest of the computer.", choices=("system", "light", "dark")
    )
    language: str = setting(
        "system", "Language", "The language of the window. Takes effect at the next start.",
        choices=("system", "en", "ja"),
    )  # fmt: skip
    context_tokens: int = setting(
        4096, "Context length", "How many tokens a chat may hold. Longer remembers more and needs more memory.",
        least=512, most=131072,
    )  # fmt: skip
    answer_tokens: int = setting(
        1024, "Longest answer", "An answer is cut after this many tokens.", least=16, most=32768
    )
    temperature: float = setting(
        0.7, "Temperature", "Higher is more varied, 0 always takes the likeliest word.", least=0.0, most=2.0
    )
    threads: int = setting(
        0, "Processor threads", "How many threads a model may use. 0 lets Hanare choose.", least=0, most=256
    )
    passages: int = setting(
        5, "Passages for an answer", "How many passages of your documents an answer may draw on.", least=1, most=20
    )
    lock_after_minutes: int = setting(
        0, "Lock after minutes without anybody", "Nothing typed and no pointer moved for so long locks Hanare. 0 never "
        "does. Work in progress is stopped; what was written so far is kept.",
        least=0, most=1440,
    )  # fmt: skip
    lock_after_sleep: bool = setting(
        True, "Lock when the computer has slept", "Only where there is a passphrase to unlock it with."
    )
    system_prompt: str = setting(
        "You are a helpful, careful assistant.", "Instructions", "What every new chat tells the model first."
    )


def described() -> dict[str, About]:
    """Every setting's name and how it is shown, in the order of declaration."""
    return {field.name: field.metadata["about"] for field in dataclasses.fields(Settings)}


def changed(settings: Settings, **values: Any) -> Settings:
    """A copy with `values` in place, each of the declared type and within its limits.

    Raises `TextNotAccepted` naming the setting and the limit.
    """
    abouts = described()
    for name, value in values.items():
        if name not in abouts:
            raise TextNotAccepted(what="A setting", value=name, why="there is none of that name")
        about, default = abouts[name], getattr(Settings(), name)
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
        values[name] = value.encode("utf-8", "replace").decode() if isinstance(value, str) else type(default)(value)
    return dataclasses.replace(settings, **values)
