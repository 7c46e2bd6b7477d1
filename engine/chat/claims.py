"""What an answer says and what passages say, sentence by sentence: telling words, numbers and names. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.documents.chunks import bare, sentences
from engine.documents.folding import fold
from engine.documents.numerals import Number, numbers
from engine.documents.quotes import sentences_of
from engine.documents.words import COMMON, matter
from engine.types import Source

_UNSAID = re.compile(
    r"(?:```|~~~).*?(?:```|~~~|\Z)"  # code
    r"|https?://[^\s)]+|(?<=\])\([^)\n]{0,500}\)"  # where a link leads
    r"|^[ \t]*#[^\n]*"  # a heading
    r"|^[ \t>]*(?:[-*+•]|\d{1,3}[.)])[ \t]"  # what begins a point of a list
    r"|\[\d{1,3}\]",
    re.DOTALL | re.MULTILINE,
)
_CITED = re.compile(r"\[(\d{1,3})\]")
_LETTER = r"(?![ぁ-ゖァ-ヺー㐀-鿿])[^\W\d_]"
_WORD = re.compile(rf"[ァ-ヺー]{{2,}}|(?<![a-zA-Z0-9]){_LETTER}(?:{_LETTER}|[0-9])*")
_ASSENTS = frozenset({"yes", "ok", "okay", "sure"})  # says nothing that could be looked up
_BEGINS = ":;.!?–—•|"  # what a word stands after whose capital need not make it a name


class Name(NamedTuple):
    """A word that is a name by how it is written, and where it stands."""

    start: int
    end: int
    word: str


class Claim(NamedTuple):
    """One sentence of an answer; its numbers and names at their places in the answer."""

    start: int
    end: int
    text: str  # without citations
    words: frozenset[str]
    numbers: tuple[Number, ...]
    names: tuple[Name, ...]
    cited: tuple[int, ...]


class Told(NamedTuple):
    """One sentence of the passages."""

    spot: Source
    words: frozenset[str]
    numbers: frozenset[float]


def claims(text: str) -> Iterator[Claim]:
    """The sentences of an answer that say something; code, headings and questions do not."""
    plain = _UNSAID.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    at = 0
    for line in plain.splitlines(keepends=True):
        for first, last in sentences(line):
            span = bare(line, first, last)
            if span is None or line[span[1] - 1] in "?？":
                continue
            said, start = line[span[0] : span[1]], at + span[0]
            held, words = _numbers_apart(said)
            if words - _ASSENTS or held:
                yield Claim(
                    start, at + span[1], said, words,
                    tuple(Number(one.start + start, one.end + start, one.values) for one in held),
                    tuple(Name(one.start + start, one.end + start, one.word) for one in names(said)),
                    tuple(int(number[1]) for number in _CITED.finditer(text, start, at + last)),
                )  # fmt: skip
        at += len(line)


def told_by(sources: Sequence[Source]) -> list[Told]:
    """The sentences of the passages."""
    found = []
    for source in sources:
        for spot in sentences_of(source):
            held, words = _numbers_apart(spot.text)
            letters = {letter for word in words for letter in word if letter >= "\u3400"}  # a kanji may be a word
            found.append(Told(spot, words | letters, frozenset(value for one in held for value in one.values)))
    return found


def names(said: str) -> Iterator[Name]:
    """Words that are names by how they are written: with a capital within a sentence, or in katakana."""
    found = list(_WORD.finditer(said))
    for at, word in enumerate(found):
        if word[0][0] >= "ァ":
            yield Name(word.start(), word.end(), word[0])
            continue
        if not word[0][0].isupper() or len(word[0]) < 2 or fold(word[0]) in COMMON:
            continue
        before = said[max(0, word.start() - 8) : word.start()].rstrip(" \"'“‘(*_")
        if (not before or before[-1] in _BEGINS) and not any(map(str.isupper, word[0][1:])):
            after = found[at + 1] if at + 1 < len(found) else None
            if not after or not after[0][0].isupper() or said[word.end() : after.start()] != " ":
                continue  # any word may begin a sentence
        yield Name(word.start(), word.end(), word[0])


def _numbers_apart(text: str) -> tuple[list[Number], frozenset[str]]:
    """The numbers of a text but for "one", and the telling words of the rest."""
    held = list(numbers(text))
    pieces, at = [], 0
    for one in held:
        pieces += [text[at : one.start], " "]
        at = one.end
    return [one for one in held if one.values != {1.0}], frozenset(matter("".join([*pieces, text[at:]])))
