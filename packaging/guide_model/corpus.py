"""The corpus: files of blocks, each some ways of asking, their right answers, and for reading tasks a passage.

A file is UTF-8 text. Blocks stand apart by a blank line; in a block each line begins with `? ` (a way of asking),
`! ` (a right answer to every one of them), `> ` (a line of the passage that the answer is taken from) or `# ` (a
comment). `corpus/LANGUAGE/pages/PAGE.txt` goes with the page of the guide of that name, `itself.txt` is about the
model, what is in `outside.txt` is declined, and `reading.txt` holds reading tasks.
"""

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

LANGUAGES = ("en", "ja")
ITSELF, OUTSIDE, READING = "itself", "outside", "reading"
MOST_WORDS = 80  # of an answer
LETTERS_A_WORD = {"en": 6, "ja": 2}  # Japanese has no spaces: two letters are taken for a word
HELD_BACK = 0.03  # of the ways of asking in a block, for choosing between models
FEWEST_TO_HOLD_BACK = 6
_AT_THE_END = " ?!.。…"


@dataclass(frozen=True, slots=True)
class Block:
    """Ways of asking one thing. `name` is like "en/backups/3"; `page` like "backups"."""

    language: str
    page: str
    number: int
    asked: tuple[str, ...]
    answers: tuple[str, ...]
    passages: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its language, page and place there."""
        return f"{self.language}/{self.page}/{self.number}"


@dataclass(frozen=True, slots=True)
class Corpus:
    """What was read, and what is wrong with it, each fault with its file and line."""

    blocks: tuple[Block, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Divided:
    """The blocks as they are learned from, and (block, question) of each way of asking that is held back."""

    learned: tuple[Block, ...]
    held_back: tuple[tuple[Block, str], ...]


def read(folder: Path, languages: tuple[str, ...] = LANGUAGES) -> Corpus:
    """Read every file below `folder`/LANGUAGE. Raises OSError, UnicodeDecodeError."""
    blocks: list[Block] = []
    faults: list[str] = []
    for language in languages:
        for path in sorted((folder / language).rglob("*.txt")):
            for line, block in _blocks(path, language, faults):
                faults += [f"{language}/{path.name}:{line}: {fault}" for fault in _wrong(block)]
                blocks.append(block)
    return Corpus(tuple(blocks), (*faults, *_asked_twice(blocks)))


def divided(blocks: tuple[Block, ...], seed: int = 0) -> Divided:
    """Hold back some ways of asking of each block, the same ones each time for one text and seed."""
    learned, held_back = [], []
    for block in blocks:
        if len(block.asked) < FEWEST_TO_HOLD_BACK:
            learned.append(block)
            continue
        by_chance = sorted(block.asked, key=lambda asked: hashlib.sha256(f"{seed} {asked}".encode()).digest())
        away = set(by_chance[: max(1, round(HELD_BACK * len(by_chance)))])
        learned.append(replace(block, asked=tuple(asked for asked in block.asked if asked not in away)))
        held_back += [(block, asked) for asked in block.asked if asked in away]
    return Divided(tuple(learned), tuple(held_back))


def folded(text: str) -> str:
    """A text as it is compared: without case, width, room and punctuation, but for signs that are asked about."""
    plain = unicodedata.normalize("NFKC", text).casefold().rstrip(_AT_THE_END)
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] in "LNS" or letter in "?!*#@&%")


def words(text: str, language: str) -> int:
    """How many words a text counts for; in Japanese two letters are one, but for Latin words and numbers."""
    if language == "en":
        return len(text.split())
    latin = sum(1 for word in "".join(c if c.isascii() else " " for c in text).split() if word.isalnum())
    others = sum(1 for c in text if not c.isascii() and unicodedata.category(c)[0] in "LN")
    return latin + -(-others // LETTERS_A_WORD["ja"])


def _blocks(path: Path, language: str, faults: list[str]) -> Iterator[tuple[int, Block]]:
    page, number = path.stem, 0
    lines = [*path.read_text(encoding="utf-8").split("\n"), ""]
    found: dict[str, list[str]] = {"?": [], "!": [], ">": []}
    begun = 0
    for at, line in enumerate(lines, start=1):
        if line.strip():
            kind, text = line[:2], line[2:].strip()
            if kind == "# " or line.rstrip() == "#":
                continue
            if kind not in ("? ", "! ", "> ") or not text:
                faults.append(f"{language}/{path.name}:{at}: no line of a block: {line[:40]!r}")
                continue
            begun = begun or at
            found[kind[0]].append(text)
        elif begun:
            number += 1
            passages, asked, answers = tuple(found[">"]), tuple(found["?"]), tuple(found["!"])
            yield begun, Block(language, page, number, asked, answers, passages)
            found, begun = {"?": [], "!": [], ">": []}, 0


def _wrong(block: Block) -> Iterator[str]:
    if not block.asked:
        yield "a block without a way of asking"
    if not block.answers:
        yield "a block without an answer"
    for answer in block.answers:
        if (count := words(answer, block.language)) > MOST_WORDS:
            yield f"an answer of {count} words"
    if block.passages and block.page == READING:
        text = (" " if block.language == "en" else "").join(block.passages)
        for answer in block.answers:
            if answer not in text:
                yield f"the answer stands not in the passage: {answer[:40]!r}"


def _asked_twice(blocks: list[Block]) -> Iterator[str]:
    """Ways of asking that stand in two blocks: nobody can learn which of the answers is meant."""
    first: dict[tuple[str, str], Block] = {}
    for block in blocks:
        if block.passages:
            continue  # the same may be asked of two passages
        for asked in block.asked:
            known = first.setdefault((block.language, folded(asked)), block)
            if known is not block:
                yield f"{block.name}: asked in {known.name} too: {asked!r}"
