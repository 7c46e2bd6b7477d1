"""Every setting of Hanare, declared once.

Validation, the settings page and the docs read this one declaration. A value of `Settings` is
passed to whoever needs it; changing one makes a new value.
"""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from engine.context import WhenFull
from engine.declared import About, abouts, accepted, setting
from engine.errors import TextNotAccepted
from engine.loading import LoadOptions, check_together
from engine.sampling import MOST_RUNNERS_UP, STOPS, WEIGHTS, Figures, stops_in, weights_in

BUILT_IN = "built-in"  # run by whichever library is faster
BUILT_IN_BY_LLAMA, BUILT_IN_BY_TORCH = "llama.cpp", "sentence-transformers"
BUILT_IN_WORDS = (BUILT_IN, BUILT_IN_BY_LLAMA, BUILT_IN_BY_TORCH)
NO_RERANKER = NO_CHECKER = "none"
MEANING_MODEL, RERANKER = "Model for search by meaning", "Model that reorders results"
CHECKER = "Model that checks answers"
AUTOMATIC, OCR_LANGUAGES = "automatic", "Languages of pictures of text"
_OCR_LANGUAGE = re.compile(r"[A-Za-z]\w{1,39}")
_MOST_OCR_LANGUAGES = 8


def meaning_model_in(text: str) -> int:
    """The number of a model of the library; 0 for the one Hanare comes with. Raises `TextNotAccepted`."""
    return 0 if text in BUILT_IN_WORDS else _model_in(MEANING_MODEL, text)


def reranker_in(text: str) -> int:
    """The number of a model of the library; 0 for none. Raises `TextNotAccepted`."""
    return 0 if text == NO_RERANKER else _model_in(RERANKER, text)


def checker_in(text: str) -> int:
    """The number of a model of the library; 0 for none. Raises `TextNotAccepted`."""
    return 0 if text == NO_CHECKER else _model_in(CHECKER, text)


def ocr_languages_in(text: str) -> tuple[str, ...]:
    """Tesseract's names of languages ("jpn+eng"); none for "automatic". Raises `TextNotAccepted`."""
    if text == AUTOMATIC:
        return ()
    names = tuple(name.strip() for name in text.split("+"))
    if len(names) > _MOST_OCR_LANGUAGES or not all(_OCR_LANGUAGE.fullmatch(name) for name in names):
        why = "it is neither “automatic” nor names of languages such as jpn+eng"
        raise TextNotAccepted(what=OCR_LANGUAGES, value=f"“{text[:40]}”", why=why)
    return names


def _model_in(what: str, text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 1 << 62:
        return int(text)
    raise TextNotAccepted(what=what, value=f"“{text[:40]}”", why="it is the number of no model")


@dataclass(frozen=True, kw_only=True)
class Settings(Figures, LoadOptions):
    """What the person may choose, the figures of sampling and how models are loaded among it.

    `changed` checks values.
    """

    theme: str = setting(
        "system", "Theme", "Light, dark, or as the rest of the computer.", choices=("system", "light", "dark")
    )
    language: str = setting(
        "system", "Language", "The language of the window. Takes effect at the next start.",
        choices=("system", "en", "ja"),
    )  # fmt: skip
    when_full: str = setting(
        WhenFull.OLDEST.value, "When a chat is full", "What is done when a chat no longer fits the context length. "
        "A mark in the chat shows from where on the model sees it; each chat can be set differently.",
        choices=tuple(when.value for when in WhenFull),
    )  # fmt: skip
    answer_tokens: int = setting(
        1024, "Longest answer", "An answer is cut after this many tokens.", least=16, most=32768
    )
    style: str = setting(
        "model", "Style", "How answers are worded: as the model's maker recommends, precise, balanced or creative. "
        "A figure below that is not at its default goes before the style's.",
        choices=("model", "precise", "balanced", "creative"),
    )  # fmt: skip
    thinking: bool = setting(
        False, "Let models think first", "A model that can be asked to think before it answers does so. What it thinks "
        "is folded away above the answer; answers are often better and come later.",
    )  # fmt: skip
    stop_texts: str = setting(
        "", STOPS, "An answer ends before any of these texts, one a line. Write \\n for a line break.", reads=stops_in
    )
    word_weights: str = setting(
        "", WEIGHTS, "Makes words likelier or less likely: a word, a colon and a number from -100 to 100, one a line.",
        reads=weights_in,
    )  # fmt: skip
    guess_ahead: bool = setting(
        True, "Guess ahead", "Where a text repeats what stands before it, several words are guessed and checked at "
        "once; the model still picks every word itself. It is left alone where answers do not become faster, at "
        "temperature 0 and with a seed.",
    )  # fmt: skip
    likeliest: int = setting(
        0, "Probabilities of tokens", "Shows under an answer how likely each of its tokens was to the model, and so "
        "many that were likeliest in its place. Holds for answers written from then on, until Hanare is closed. "
        "0: none.",
        least=0, most=MOST_RUNNERS_UP,
    )  # fmt: skip
    threads: int = setting(
        0, "Processor threads", "How many threads a model may use. 0 lets Hanare choose.", least=0, most=256
    )
    passages: int = setting(
        5, "Passages for an answer", "How many passages of your documents an answer may draw on.", least=1, most=20
    )
    only_supported: bool = setting(
        False, "Answer only when the documents support it", "For questions to your documents, also in chats. Where the "
        "passages do not answer, no model is asked; where they support no sentence of what it wrote, that is not "
        "shown.",
    )  # fmt: skip
    meaning_model: str = setting(
        BUILT_IN, MEANING_MODEL, "What a passage means is read by this model. Another one reads all your documents "
        "again; until it is done, the search goes on with the one before. The built-in model was trained on English; "
        "two libraries can run it, with the same results, so that changing between them reads nothing again.",
        reads=meaning_model_in,
    )  # fmt: skip
    reranker: str = setting(
        NO_RERANKER, RERANKER, "A reranking model reads the best hits together with what was searched for and puts "
        "them in order. The list is better and comes later.",
        reads=reranker_in,
    )  # fmt: skip
    checker: str = setting(
        NO_CHECKER, CHECKER, "A model for entailment (NLI) judges each sentence of an answer by the passages. It sees "
        "what words and numbers do not tell, such as “not”; marks come a little later.",
        reads=checker_in,
    )  # fmt: skip
    ocr: bool = setting(
        True, "Read pictures of text (OCR)", "Where a page of a PDF or a picture file shows text only as a picture, "
        "Tesseract reads it on this computer, if it is installed. Such text is marked as read by OCR.",
    )  # fmt: skip
    ocr_languages: str = setting(
        AUTOMATIC, OCR_LANGUAGES, "Tesseract's names of languages, such as eng or jpn+eng, of which the data is "
        "installed. “automatic” takes that of the window and English.",
        reads=ocr_languages_in,
    )  # fmt: skip
    quiet_on_battery: bool = setting(
        True, "Quiet on battery", "While the computer runs on its battery, the search by meaning is not prepared and "
        "no pictures are read; new documents are found by their words until there is power again.",
    )  # fmt: skip
    states_gib: int = setting(
        2, "Room for reopening chats", "In GiB. What a model has read of your long chats is kept on the disk, "
        "encrypted, so that going on with one after a restart does not read it all again. 0 keeps nothing.",
        least=0, most=1000,
    )  # fmt: skip
    lock_after_minutes: int = setting(
        0, "Lock after minutes without anybody", "Nothing typed and no pointer moved for so long locks Hanare. 0 never "
        "does. Work in progress is stopped; what was written so far is kept.",
        least=0, most=1440,
    )  # fmt: skip
    lock_after_sleep: bool = setting(
        True, "Lock when the computer has slept", "Not where the key lies in a file, which no lock guards."
    )
    system_prompt: str = setting(
        "You are a helpful, careful assistant.", "Instructions", "What the model is told first in every chat."
    )


def described() -> dict[str, About]:
    """Every setting's name and how it is shown, in the order of declaration."""
    return abouts(Settings)


def changed(settings: Settings, **values: Any) -> Settings:
    """A copy with `values` in place, each of the declared type and within its limits.

    Raises `TextNotAccepted` naming the setting and the limit, or what it does not go together with.
    """
    known, plain = described(), Settings()
    for name, value in values.items():
        if name not in known:
            raise TextNotAccepted(what="A setting", value=name, why="there is none of that name")
        values[name] = accepted(known[name], getattr(plain, name), value)
    settings = dataclasses.replace(settings, **values)
    check_together(settings)
    return settings
