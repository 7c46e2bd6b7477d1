"""The signs of Markdown in a passage, taken out where the passage is shown as one line of plain words.

Only what is shown changes: the passage stays the text of its document, and what is marked in it is marked in the
words that are left. Not for quotes, which are shown as they were written.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

Span = tuple[int, int]

ENDINGS = (".md", ".markdown")
_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_BULLET = re.compile(r"^([ \t]*)[-*+](?=[ \t]+\S)", re.MULTILINE)
# At the beginning of a line: a fence, a rule, the line under a table's head, a heading, a quotation.
_LINE = re.compile(
    r"^[ \t]*(?:(?:```|~~~).*$|(?:[-*_][ \t]*){3,}$|\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+[-: \t]*$|#{1,6}[ \t]+"
    r"|(?:>[ \t]?)+)",
    re.MULTILINE,
)
_PAIRS = (
    re.compile(r"(\*{1,3})(?=\S)([^\n*]+?)(?<=\S)\1"),
    re.compile(r"(?<!\w)(_{1,3})(?=\S)([^\n_]+?)(?<=\S)\1(?!\w)"),
    re.compile(r"(~~)(?=\S)([^\n~]+?)(?<=\S)\1"),
)
_LINK = re.compile(r"(!?\[)([^\[\]\n]*)(\]\([^()\s]*(?:[ \t]+\"[^\"\n]*\")?\))")


def is_markdown(path: Path) -> bool:
    """Whether the document is written in Markdown, by its name."""
    return path.suffix.lower() in ENDINGS


def without_marks(text: str, marks: Sequence[Span] = ()) -> tuple[str, tuple[Span, ...]]:
    """The words of `text` without Markdown's signs, and where `marks` are in them. Code is left as it is."""
    code = [match.span(2) for match in _CODE.finditer(text)]

    def outside(place: int) -> bool:
        return not any(start <= place < stop for start, stop in code)

    signs = [*_around(code, text), *(span for span in _signs(text) if outside(span[0]))]
    gone = {place for start, stop in signs for place in range(start, stop)}
    bullets = {match.end() - 1 for match in _BULLET.finditer(text) if outside(match.start())}
    words: list[str] = []
    after: list[int] = []
    for place, character in enumerate(text):
        after.append(len(words))
        if place not in gone:
            words.append("•" if place in bullets else character)
    after.append(len(words))
    moved = ((after[start], after[stop]) for start, stop in marks)
    return "".join(words), tuple((start, stop) for start, stop in moved if start < stop)


def _around(code: Sequence[Span], text: str) -> Iterator[Span]:
    """The ticks on both sides of each piece of code."""
    for start, stop in code:
        width = len(text[:start]) - len(text[:start].rstrip("`"))
        yield start - width, start
        yield stop, stop + width


def _signs(text: str) -> Iterator[Span]:
    for match in _LINE.finditer(text):
        yield match.span()
    for match in (found for pair in _PAIRS for found in pair.finditer(text)):
        yield match.span(1)
        yield match.end(2), match.end()
    for match in _LINK.finditer(text):
        yield match.span(1)
        yield match.span(3)
