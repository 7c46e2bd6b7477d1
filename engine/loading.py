"""How a model is loaded: every option with its limits, and the forms its cache may have.

The settings hold what is meant for all models (`engine.settings.Settings`), a model what is meant for it alone
(`types.Model.loading`). What asks for an answer (`types.Wanted`) and what crosses the pipe (`wire.Load`) are both
`LoadOptions` with more on them, so there is one declaration of each option from the window to llama.cpp.
"""

import contextlib
import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from engine.declared import About, abouts, accepted, setting
from engine.errors import TextNotAccepted


class CacheForm(NamedTuple):
    """How numbers are kept in a cache: llama.cpp's number for it, and what a block of so many of them takes."""

    number: int
    block: int
    block_bytes: int

    def size_bytes(self, numbers: int) -> int:
        """What so many numbers take."""
        return -(-numbers // self.block) * self.block_bytes


# Source: enum ggml_type in ggml/include/ggml.h and the blocks in ggml/src/ggml-common.h.
CACHES = {
    "f16": CacheForm(1, 1, 2), "q8_0": CacheForm(8, 32, 34), "q5_1": CacheForm(7, 32, 24), "q4_0": CacheForm(2, 32, 18),
}  # fmt: skip
AS_MANY_AS_FIT = -1
ALL_CARDS, CARDS = "all", "Graphics cards"
MOST_CARDS, MOST_CARD_CHARACTERS = 16, 100
KEYS, VALUES, FLASH = "Key cache", "Value cache", "Flash attention"  # as the settings call them


def cards_in(text: str) -> tuple[str, ...]:
    """Parts of the names of graphics cards; none for "all". Raises `TextNotAccepted`."""
    if text.strip() == ALL_CARDS:
        return ()
    names = tuple(name.strip() for name in text.split(","))
    if len(names) > MOST_CARDS or not all(0 < len(name) <= MOST_CARD_CHARACTERS for name in names):
        why = "it is neither “all” nor names with commas between them"
        raise TextNotAccepted(what=CARDS, value=f"“{text[:40]}”", why=why)
    return names


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """What decides how a model is loaded and how much memory it takes.

    A field that is declared with `setting` has a value for all models in the settings, and any model may have its
    own. A field that is not belongs to a model alone.
    """

    context_tokens: int = setting(
        4096, "Context length", "How many tokens a chat may hold. Longer remembers more and needs more memory.",
        least=512, most=131072,
    )  # fmt: skip
    key_cache: str = setting(
        "f16", KEYS, "How exactly a model keeps what it has read, for finding it again. q8_0 takes half the memory of "
        "f16 and is hardly worse; q4_0 takes a quarter and can make answers worse.",
        choices=tuple(CACHES),
    )  # fmt: skip
    value_cache: str = setting(
        "f16", VALUES, "How exactly a model keeps what it has read, for using it. Anything but f16 needs flash "
        "attention.",
        choices=tuple(CACHES),
    )  # fmt: skip
    flash_attention: str = setting(
        "auto", FLASH, "A way of reckoning that needs less memory for long contexts. Automatic: with every model that "
        "can.",
        choices=("auto", "on", "off"),
    )  # fmt: skip
    gpu_layers: int = setting(
        AS_MANY_AS_FIT, "Layers on the graphics card", "How many layers of a model the graphics card reckons, where "
        "Hanare can use one. The rest stays with the processor. 0: none.",
        least=AS_MANY_AS_FIT, most=1000,
    )  # fmt: skip
    cards: str = setting(
        ALL_CARDS, CARDS, "Which graphics cards are used, where there are several: “all”, or parts of their names with "
        "commas between them, such as RTX 4090. The Models page names those that a loaded model is on.",
        reads=cards_in,
    )  # fmt: skip
    experts_on_processor: bool = setting(
        False, "Experts stay with the processor", "Of a model made of many experts (MoE), most is experts, and few of "
        "them are asked at a time. Left in the computer's memory, they make room on the graphics card.",
    )  # fmt: skip
    unload_after_minutes: int = setting(
        15, "Unload after minutes without use", "A model that nobody has asked for so long gives its memory back, and "
        "is loaded again when it is asked. 0 keeps it.",
        least=0, most=1440,
    )  # fmt: skip
    draft: str = ""  # the file of a small model that guesses ahead for this one; "" for none


OPTIONS = abouts(LoadOptions)
DRAFT = About(
    title="Draft model", help="A small model of the same vocabulary writes ahead, and this one checks several of its "
    "words at once; it still picks every word itself. It is left alone where answers do not become faster.",
)  # fmt: skip
OWN = {**OPTIONS, "draft": DRAFT}  # what a model may have of its own
Options = TypeVar("Options", bound=LoadOptions)


def options_of(value: LoadOptions) -> LoadOptions:
    """Only how the model is loaded, out of a value that may hold more."""
    return LoadOptions(**fields_of(value))


def fields_of(value: LoadOptions) -> dict[str, Any]:
    """The fields that make `LoadOptions`, out of a value that may hold more."""
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(LoadOptions)}


def alike(one: LoadOptions, other: LoadOptions) -> bool:
    """Whether a model loaded as `one` need not be loaded anew to be as `other` has it."""
    return options_of(one) == dataclasses.replace(options_of(other), unload_after_minutes=one.unload_after_minutes)


def loaded_as(everywhere: LoadOptions, own: Mapping[str, Any]) -> LoadOptions:
    """How a model is loaded: as it has been set for this one (`own`), else as for all of them.

    What another version kept and this one does not accept counts as never chosen. Where what is meant for all
    excludes what is meant for this one, flash attention is on after all.
    """
    options = dataclasses.replace(options_of(everywhere), **still_accepted(own))
    try:
        check_together(options)
    except TextNotAccepted:
        return dataclasses.replace(options, flash_attention="auto")
    return options


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a model, each of the declared type and within its limits.

    Raises `TextNotAccepted` naming the option and the limit.
    """
    plain = LoadOptions()
    for name in values:
        if name not in OWN:
            raise TextNotAccepted(what="An option", value=name, why="there is none of that name")
    return {name: accepted(OWN[name], getattr(plain, name), value) for name, value in values.items()}


def still_accepted(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Of options that were kept, those that this version accepts."""
    found: dict[str, Any] = {}
    for name, value in kept.items():
        with contextlib.suppress(TextNotAccepted):
            found |= checked({name: value})
    return found


class Widths(Protocol):
    """Of a model: how wide a head's keys and values are, and how many numbers of each a token has; 0 is not known."""

    @property
    def key_width(self) -> int: ...
    @property
    def value_width(self) -> int: ...
    @property
    def key_numbers(self) -> int: ...
    @property
    def value_numbers(self) -> int: ...


def possible(options: Options, model: Widths) -> Options:
    """The options with f16 in place of a cache that this model cannot have.

    llama.cpp divides each head into blocks. Where a model keeps one row for both (latent attention), both have one
    form.
    """
    keys, values = options.key_cache, options.value_cache
    if model.key_width % CACHES[keys].block:
        keys = "f16"
    if model.value_width % CACHES[values].block:
        values = "f16"
    if model.key_numbers and not model.value_numbers:
        values = keys
    return dataclasses.replace(options, key_cache=keys, value_cache=values)


def check_possible(options: LoadOptions, model: Widths, chosen: Collection[str]) -> None:
    """Raises `TextNotAccepted` where one of the `chosen` options is a form of the cache that this model cannot have."""
    real = possible(options, model)
    for name in ("key_cache", "value_cache"):
        if name in chosen and getattr(options, name) != getattr(real, name):
            why = f"this model can only have {getattr(real, name)}"
            raise TextNotAccepted(what=OPTIONS[name].title, value=getattr(options, name), why=why)


def check_together(options: LoadOptions) -> None:
    """Raises `TextNotAccepted` for options that exclude each other."""
    if options.flash_attention == "off" and options.value_cache != "f16":
        why = "it needs flash attention, which is off"
        raise TextNotAccepted(what=VALUES, value=options.value_cache, why=why)
