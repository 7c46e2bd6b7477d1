"""Markdown cut into pieces that can be laid out on their own: runs of prose and fenced code.

Pure text work, no Qt. While an answer streams in, only the last piece can still change, so
only that one is cut and laid out again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

PROSE_CHARS = 2000  # a run of prose this long is cut at the next blank line that allows it
MOST_CODE = 100  # in one text: every piece is a widget, and a text may be nothing but fences
LIST_CHARS = 8000  # and a list this long between two of its items
TABLE_CHARS = 16000  # and a table this long between two of its rows; what follows is no table any more

_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([^`\r\n]*)$")
_CONTINUES = re.compile(r"^(\s|[-*+>|]|\d{1,9}[.)])")  # belongs to the list, quote or table before it
_ITEM = re.compile(r"^([-*+]|\d{1,9}[.)])\s")


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of the text, from `start`. For code, `text` is what stands between the fences."""

    start: int
    text: str
    is_code: bool = False
    language: str = ""
    closed: bool = True  # False for code whose closing fence has not come (yet)


def cut(text: str, most_code: int = MOST_CODE) -> list[Piece]:
    """The pieces of `text`, in order. Code whose fence never closes runs to the end.

    What follows after `most_code` pieces of code is one piece of prose, fences and all.
    """
    return list(_pieces(text, most_code))


def without_half_fence(text: str) -> str:
    """`text` less a last line that may be a fence still being written."""
    head, _, last = text.rpartition("\n")
    return head if last.strip() in ("`", "``", "~", "~~") else text


def _pieces(text: str, code_left: int) -> Iterator[Piece]:
    at = start = 0
    prose: list[str] = []
    length = 0
    lines = text.splitlines(keepends=True)
    index = 0
    blank_before = False
    while index < len(lines):
        line = lines[index]
        if not code_left:
            prose += lines[index:]
            break
        fence = _FENCE.match(line.rstrip("\r\n"))
        if fence:
            code_left -= 1
            if "".join(prose).strip():
                yield Piece(start, "".join(prose))
            used, piece = _code(lines, index, at, fence)
            yield piece
            at += sum(len(each) for each in lines[index : index + used])
            index += used
            start, prose, length, blank_before = at, [], 0, False
            continue
        if _may_cut(line, length, blank_before):
            yield Piece(start, "".join(prose))
            start, prose, length = at, [], 0
        prose.append(line)
        length += len(line)
        at += len(line)
        index += 1
        blank_before = not line.strip()
    if "".join(prose).strip():
        yield Piece(start, "".join(prose))


def _may_cut(line: str, length: int, blank_before: bool) -> bool:
    if length >= LIST_CHARS and _ITEM.match(line):
        return True
    if length >= TABLE_CHARS and line.startswith("|"):
        return True
    return length >= PROSE_CHARS and blank_before and bool(line.strip()) and not _CONTINUES.match(line)


def _code(lines: list[str], first: int, at: int, fence: re.Match[str]) -> tuple[int, Piece]:
    """How many lines the code takes, fences included, and the code. `lines[first]` opens it."""
    indent, marks, info = fence.groups()
    closing = re.compile(rf"^[ \t]*{re.escape(marks[0])}{{{len(marks)},}}[ \t]*$")
    body: list[str] = []
    closed = False
    used = 1
    for line in lines[first + 1 :]:
        used += 1
        if closing.match(line.rstrip("\r\n")):
            closed = True
            break
        body.append(line.removeprefix(indent))
    words = info.split()
    code = "".join(body)
    return used, Piece(at, code.removesuffix("\n"), is_code=True, language=words[0] if words else "", closed=closed)
