"""Markdown: the text with its marks, as it was written, and the places its headings begin.

Source: CommonMark, "ATX headings", "Setext headings", "Fenced code blocks".
"""

import re
from collections.abc import Iterator

from engine.worker.reader.file import File
from engine.worker.reader.text import lines_of
from engine.worker.reader.unit import Heading, Unit, sections, units

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_OTHER = re.compile(r"[ \t]*(?:$|[-*+>|#]|\d{1,9}[.)] | {4}|\t)")  # what no line under it makes a heading


def read(file: File) -> Iterator[Unit]:
    """The text, Markdown marks included."""
    text = lines_of(file, "Markdown")
    yield from units(text, sections(text, headings(text)))


def headings(text: str) -> Iterator[Heading]:
    """The headings outside code, in order."""
    at, fence, before = 0, "", ""
    for line in text.split("\n"):
        opens = _FENCE.match(line)
        if fence:
            if opens and opens[1].startswith(fence) and not line[opens.end() :].strip():
                fence = ""
        elif opens:
            fence = opens[1]
        elif found := _ATX.match(line):
            if found[2]:
                yield Heading(at, at + len(line), len(found[1]), _plain(found[2]))
        elif (under := _SETEXT.match(line)) and not _OTHER.match(before):
            level = 1 if under[1][0] == "=" else 2
            yield Heading(at - len(before) - 1, at + len(line), level, _plain(before))
        at += len(line) + 1
        before = line if not fence else ""


def _plain(title: str) -> str:
    """A heading without the marks of emphasis, code and links."""
    return re.sub(r"[*`]+", "", re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title)).strip()
