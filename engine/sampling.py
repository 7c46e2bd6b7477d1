"""How the next token is picked: every figure with its limits, the styles, and how likely a token was.

What asks for an answer (`types.Wanted`) and what crosses the pipe (`wire.Generate`) are both a `Sampling`
with more on it, so there is one declaration of each figure from the settings page to llama.cpp.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.declared import abouts, accepted, setting
from engine.errors import TextNotAccepted

MOST_STOPS, MOST_STOP_CHARACTERS = 16, 200
MOST_WEIGHTS, MOST_WEIGHT = 200, 100.0
MOST_RUNNERS_UP = 20
STOPS, WEIGHTS = "Stop texts", "Word weights"  # as the settings call them


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of sampling; each default is the balanced style's."""

    temperature: float = setting(
        0.7, "Temperature", "Higher is more varied, 0 always takes the likeliest word.", least=0.0, most=2.0
    )
    top_k: int = setting(40, "Top-k", "Only so many of the likeliest tokens come into question. 0: all.",
        least=0, most=1000)  # fmt: skip
    top_p: float = setting(
        0.95, "Top-p", "Only the likeliest tokens that together have this probability. 1: all.", least=0.0, most=1.0
    )
    min_p: float = setting(
        0.05, "Min-p", "Only tokens with at least this part of the likeliest one's probability. 0: all.",
        least=0.0, most=1.0,
    )  # fmt: skip
    typical_p: float = setting(
        1.0, "Typical-p", "Only tokens about as surprising as is usual at this place. 1: all.", least=0.0, most=1.0
    )
    repeat_penalty: float = setting(
        1.0, "Repetition penalty", "Makes what was said lately less likely. 1: not at all.", least=1.0, most=2.0
    )
    frequency_penalty: float = setting(
        0.0, "Frequency penalty", "Makes a token less likely each time it is said.", least=0.0, most=2.0
    )
    presence_penalty: float = setting(
        0.0, "Presence penalty", "Makes a token less likely once it has been said.", least=0.0, most=2.0
    )
    repeat_tokens: int = setting(
        64, "Penalties look back", "How many tokens the three penalties remember.", least=0, most=4096
    )
    dry_multiplier: float = setting(
        0.0, "DRY strength", "Works against sentences that are said again word for word. 0: not at all.",
        least=0.0, most=5.0,
    )  # fmt: skip
    dry_base: float = setting(
        1.75, "DRY growth", "How much faster DRY works the longer the repeated stretch is.", least=1.0, most=4.0
    )
    dry_allowed: int = setting(
        2, "DRY allows", "A repeated stretch of this many tokens is let pass.", least=1, most=100
    )
    dry_tokens: int = setting(1024, "DRY looks back", "How many tokens DRY remembers.", least=0, most=8192)
    xtc_probability: float = setting(
        0.0, "XTC chance", "How often the likeliest tokens are left out, for less expected words. 0: never.",
        least=0.0, most=1.0,
    )  # fmt: skip
    xtc_threshold: float = setting(
        0.1, "XTC threshold", "XTC leaves out tokens more probable than this, all but the last of them.",
        least=0.0, most=0.5,
    )  # fmt: skip
    mirostat: int = setting(
        0, "Mirostat", "Holds surprise at one level, in version 1 or 2; it takes the place of top-k, top-p, min-p, "
        "typical-p and XTC. 0: off.",
        least=0, most=2,
    )  # fmt: skip
    mirostat_tau: float = setting(5.0, "Mirostat level", "The surprise to hold, in bits (tau).", least=0.0, most=10.0)
    mirostat_eta: float = setting(0.1, "Mirostat speed", "How fast it gets there (eta).", least=0.0, most=1.0)
    seed: int = setting(
        -1, "Seed", "The same seed and figures write the same text; each answer then reads the whole chat anew. -1 "
        "draws one each time.",
        least=-1, most=2**31 - 1,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sampling(Figures):
    """All that decides which tokens come. An answer ends before any text of `stop`.

    `weights` are added to the log-odds of every token of a word, spelled with and without a space before it.
    `likeliest` asks for the probability of each token and of so many that stood beside it; 0 asks for nothing.
    """

    stop: tuple[str, ...] = ()
    weights: tuple[tuple[str, float], ...] = ()
    likeliest: int = 0


@dataclass(frozen=True, kw_only=True)
class Odds:
    """How likely a token was to the model, before any figure: natural logarithms of probabilities.

    `others` are the likeliest of that place with theirs, the best first; the token may be among them.
    """

    text: str
    log_probability: float
    others: tuple[tuple[str, float], ...] = ()


FIGURES = abouts(Figures)
STYLES: dict[str, dict[str, Any]] = {
    "precise": {"temperature": 0.2, "top_k": 20, "top_p": 0.9, "min_p": 0.1},
    "balanced": {},
    "creative": {"temperature": 1.1, "top_k": 100, "top_p": 1.0, "min_p": 0.03, "presence_penalty": 0.3},
}
# Source: llama-arch.cpp, general.sampling.*: what a file's maker recommends.
_IN_FILES = {
    "temp": "temperature", "top_k": "top_k", "top_p": "top_p", "min_p": "min_p", "xtc_probability": "xtc_probability",
    "xtc_threshold": "xtc_threshold", "penalty_last_n": "repeat_tokens", "penalty_repeat": "repeat_penalty",
    "mirostat": "mirostat", "mirostat_tau": "mirostat_tau", "mirostat_eta": "mirostat_eta",
}  # fmt: skip


def check(sampling: Sampling) -> None:
    """Raises `TextNotAccepted` naming the figure and its limit."""
    plain = Figures()
    for name, about in FIGURES.items():
        accepted(about, getattr(plain, name), getattr(sampling, name))
    if not 0 <= sampling.likeliest <= MOST_RUNNERS_UP:
        why = f"from 0 to {MOST_RUNNERS_UP}"
        raise TextNotAccepted(what="The number of likeliest tokens", value=sampling.likeliest, why=why)
    if len(sampling.stop) > MOST_STOPS:
        raise TextNotAccepted(what=STOPS, value="that many", why=f"the most is {MOST_STOPS}")
    for text in sampling.stop:
        if not 0 < len(text) <= MOST_STOP_CHARACTERS:
            why = f"each has 1 to {MOST_STOP_CHARACTERS} characters"
            raise TextNotAccepted(what=STOPS, value=f"“{text[:20]}”", why=why)
    if len(sampling.weights) > MOST_WEIGHTS:
        raise TextNotAccepted(what=WEIGHTS, value="that many", why=f"the most is {MOST_WEIGHTS}")
    for word, weight in sampling.weights:
        if not 0 < len(word) <= MOST_STOP_CHARACTERS or not math.isfinite(weight) or abs(weight) > MOST_WEIGHT:
            why = f"each is a word and a number from -{MOST_WEIGHT:g} to {MOST_WEIGHT:g}"
            raise TextNotAccepted(what=WEIGHTS, value=f"“{word[:20]}: {weight:g}”", why=why)


def figures_of(sampling: Sampling) -> dict[str, Any]:
    """The fields that make a `Sampling`, out of a value that may hold more."""
    return {field.name: getattr(sampling, field.name) for field in dataclasses.fields(Sampling)}


def recommended(values: Mapping[str, Any]) -> dict[str, float]:
    """What a file's metadata says of sampling, by our names; a stranger's figure out of its limits counts for none."""
    found: dict[str, float] = {}
    plain = Figures()
    for theirs, ours in _IN_FILES.items():
        value = values.get(f"general.sampling.{theirs}")
        if isinstance(value, float):
            value = round(value, 6)  # a 32-bit 0.6 is 0.6000000238…
        try:
            found[ours] = accepted(FIGURES[ours], getattr(plain, ours), value)
        except TextNotAccepted:
            continue
    return found


def styled(style: str, chosen: Figures, recommendation: Mapping[str, float]) -> dict[str, Any]:
    """The figures in force: what the person changed, else the style's, else the default.

    The style "model" is what the model's own file recommends. A figure counts as changed where it differs
    from its default.
    """
    base: Mapping[str, Any] = recommendation if style == "model" else STYLES[style]
    plain = Figures()
    figures = {}
    for name in FIGURES:
        default, value = getattr(plain, name), getattr(chosen, name)
        figures[name] = value if value != default else type(default)(base.get(name, default))
    return figures


def stops_in(text: str) -> tuple[str, ...]:
    r"""Stop texts from a setting: one a line, \n for a line break. Raises `TextNotAccepted`."""
    stops = tuple(line.replace("\\n", "\n") for line in text.splitlines() if line)
    check(Sampling(stop=stops))
    return stops


def weights_in(text: str) -> tuple[tuple[str, float], ...]:
    """Word weights from a setting: "word: number", one a line. Raises `TextNotAccepted`."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        word, colon, number = line.rpartition(":")
        try:
            found.append((word.strip(), float(number)))
        except ValueError:
            colon = ""
        if not colon:
            raise TextNotAccepted(what=WEIGHTS, value=f"“{line[:40]}”", why="write a word, a colon and a number")
    weights = tuple(found)
    check(Sampling(weights=weights))
    return weights
