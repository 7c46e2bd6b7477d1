"""HTML read by plain Python: pages in which every element is closed where it has to be, and no more than that.

A browser makes something of anything. What it makes of a page that is not so well written is left to a parser in a
process of the document's own. Source: HTML Standard (WHATWG), "Tokenization"; what may lie in what is narrower here.
"""

import re
from collections.abc import Iterator
from html.entities import html5

from engine.worker.reader.file import File
from engine.worker.reader.html import characters, written
from engine.worker.reader.html_elements import (
    AS_AROUND,
    BEGIN_A_HEAD,
    INLINE,
    NO_TEXT,
    NOT_IN_ITSELF,
    ONCE,
    VOID,
    WHOLE,
    WITHIN,
)
from engine.worker.reader.steps import ReadAlone, Step
from engine.worker.reader.unit import Heading, Unit, sections, units

MOST_DEPTH = 200  # libxml2 goes to 256
_BEGINNING = re.compile(
    r"\ufeff?(?:<\?xml [^<>?]*+\?>)?\s*+"
    r"(?:<!DOCTYPE\s++html(?:\s++(?:PUBLIC|SYSTEM)\s++\"[^\"<>]*+\"(?:\s++\"[^\"<>]*+\")?)?\s*+>)?",
    re.I,
)
_TOKEN = re.compile(
    r"<!--(?!-?>)(?P<comment>(?:[^-]|-(?!-))*+)-->"
    r"|</(?P<closes>[A-Za-z][A-Za-z0-9-]*+)\s*+>"
    r"|<(?P<opens>[A-Za-z][A-Za-z0-9-]*+)"
    r"(?:\s++[A-Za-z_:@][A-Za-z0-9_:.@-]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[A-Za-z0-9_.#%-]++(?=[\s>])))?)*+\s*+"
    r"(?P<empty>/?)>"
    r"|(?P<text>[^<]++)"
)
_TO_ITS_END = {
    "script": re.compile(r"([^<]*+(?:<(?!/?script)[^<]*+)*+)</script\s*+>", re.I),
    "style": re.compile(r"([^<]*+(?:<(?!/style)[^<]*+)*+)</style\s*+>", re.I),
    "iframe": re.compile(r"([^<]*+(?:<(?!/iframe)[^<]*+)*+)</iframe\s*+>", re.I),
    "title": re.compile(r"([^<]*+)</title\s*+>", re.I),
}
_REFERENCE = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]*;)|#([0-9]{1,7});|#[xX]([0-9A-Fa-f]{1,6});|((?![A-Za-z0-9#])))?")
_LATER = range(0x10000, 0x110000)
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def read(file: File) -> Iterator[Unit]:
    """The page's text, its title first. Raises `ReadAlone` where plain Python does not do."""
    text, headings = lines(file.read(), file.name)
    yield from units(text, sections(text, headings))


def lines(raw: bytes, name: str, declared: str = "") -> tuple[str, list[Heading]]:
    """As `html.lines`. Raises `ReadAlone` too."""
    return written(steps(characters(raw, name, declared)))


def steps(source: str) -> Iterator[Step]:
    """The elements of a page and the text between them. Raises `ReadAlone`, which may be after some steps."""
    if _ODD.search(source):
        raise ReadAlone
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    open_ = _Open()
    begins = _BEGINNING.match(source)
    at = begins.end() if begins else 0
    last: tuple[bool, str] | None = None  # the step whose text is still to come
    pieces: list[str] = []
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            raise ReadAlone
        at = found.end()
        if found["text"]:
            pieces.append(open_.text(found["text"]))
        if found["comment"] is not None or found["text"]:
            continue
        if last:
            yield Step(*last, "".join(pieces))
        pieces = []
        if found["closes"]:
            tag = found["closes"].lower()
            open_.close(tag)
            last = False, tag
            continue
        tag, empty = found["opens"].lower(), bool(found["empty"])
        open_.open(tag, empty=empty)
        last = True, tag
        if whole := _TO_ITS_END.get(tag):
            inner = whole.match(source, at)
            if inner is None:
                raise ReadAlone
            at = inner.end()
            yield Step(True, tag, _text(inner[1]) if tag == "title" else inner[1])
            last = False, tag
        elif empty or tag in VOID:
            yield Step(True, tag, "")
            last = False, tag
    if open_.above or not last:
        raise ReadAlone
    yield Step(*last, "".join(pieces))


# Its own affairs.


class _Open:
    """The elements that are open, and whether the next one may be where it is. Every method raises `ReadAlone`."""

    def __init__(self) -> None:
        self.above: list[str] = []
        self._within = [WITHIN[""]]  # what may begin now
        self._seen: set[str] = set()

    def open(self, tag: str, *, empty: bool) -> None:
        """An element begins; `empty` where it is said to end at once."""
        own = "-" in tag  # a name that a page has made up
        again = (tag in ONCE and tag in self._seen) or (tag in NOT_IN_ITSELF and tag in self.above)
        late = (tag == "html" and self._seen) or (tag == "head" and "body" in self._seen)
        alone = not self.above and (tag in BEGIN_A_HEAD or "html" in self._seen)
        allowed = tag in self._within[-1] or (own and self._within[-1] >= INLINE)
        if not allowed or again or late or alone:
            raise ReadAlone
        self._seen.add(tag)
        if tag in WHOLE or (empty and tag in NO_TEXT):
            if empty:
                raise ReadAlone
        elif not empty and tag not in VOID:
            if len(self.above) >= MOST_DEPTH:
                raise ReadAlone
            self.above.append(tag)
            self._within.append(self._within[-1] if own or tag in AS_AROUND else WITHIN[tag])

    def close(self, tag: str) -> None:
        """An element ends."""
        if not self.above or self.above.pop() != tag:
            raise ReadAlone
        self._within.pop()

    def text(self, written: str) -> str:
        """Text stands here; the characters that it means."""
        if (not self.above or self.above[-1] in NO_TEXT) and written.strip(" \t\n"):
            raise ReadAlone
        return _text(written)


def _text(written: str) -> str:
    return _REFERENCE.sub(_referred, written) if "&" in written else written


def _referred(found: re.Match[str]) -> str:
    named, decimal, hexadecimal, bare = found.groups()
    if bare is not None:
        return "&"
    if named:
        if named not in html5:
            raise ReadAlone
        return html5[named]
    code = int(decimal) if decimal else int(hexadecimal or "0", 16)
    if not (
        code in (9, 10) or 0x20 <= code < 0x7F or 0xA0 <= code < 0xD800 or 0xE000 <= code < 0xFDD0 or code in _LATER
    ):
        raise ReadAlone
    return chr(code)
