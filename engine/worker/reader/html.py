"""HTML as lines of text: blocks break lines, scripts and styles are left out.

The bytes are turned into characters here, because parsers guess: declared first, then UTF-8,
then the Japanese encodings. Nothing outside the file is ever fetched.
"""

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from engine.errors import DocumentDamaged
from engine.worker.reader.file import File
from engine.worker.reader.steps import Step, steps_of
from engine.worker.reader.text import decode
from engine.worker.reader.unit import HEADING, MARK, MARKS, Heading, Unit, sections, units, unmarked

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I
)
_LEFT_OUT = frozenset(
    {"script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select", "button"}
)
_BREAKS = frozenset(
    re.findall(
        r"\S+",
        """address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer
    form header hr html legend li main menu nav ol option section summary table tbody tfoot thead tr ul title caption
    pre br""",
    )
)
_PARTS_ON = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "pre", "table", "ul", "ol", "title"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SPACE = re.compile(r"[ \t\n\r\f\u200b]+")


def read(file: File) -> Iterator[Unit]:
    """The page's text, its title first."""
    text, headings = lines(file.read(), file.name)
    yield from units(text, sections(text, headings))


def lines(raw: bytes, name: str, declared: str = "", called: str = "HTML") -> tuple[str, list[Heading]]:
    """A page's text and its headings; `declared` is the encoding that whatever holds it tells.

    Raises `DocumentDamaged`, naming the page by `name` and its kind by `called`.
    """
    text = characters(raw, name, declared, called)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, recover=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise DocumentDamaged(path=name, kind=called, why=_why(str(error))) from error
    for entry in parser.error_log:
        if "depth" in entry.message.lower():
            raise DocumentDamaged(path=name, kind=called, why="its elements are nested too deeply")
    return written(steps_of(root) if root is not None else ())


def characters(raw: bytes, name: str, declared: str = "", called: str = "HTML") -> str:
    """The source of a page. Raises `DocumentDamaged`, as `lines`."""
    found = _DECLARED.search(raw[:4096])
    text = decode(raw, declared or (found.group(1).decode("ascii") if found else ""))
    if text is None:
        raise DocumentDamaged(path=name, kind=called, why="it holds binary data")
    return text


def written(steps: Iterable[Step]) -> tuple[str, list[Heading]]:
    """The text and the headings of a page, from its elements and what lies between them."""
    text = _lines(steps)
    title, _, rest = text.partition("\n\n")
    twice = rest.lstrip(MARKS).startswith(title + "\n")  # most pages say their title twice
    return unmarked(rest if twice else text)


# Its own affairs.


def _why(message: str) -> str:
    return "its elements are nested too deeply" if "depth" in message.lower() else "there is no HTML in it"


def _lines(steps: Iterable[Step]) -> str:
    written: list[str] = []
    skipping = preformatted = 0
    for opens, tag, piece, _ in steps:
        left_out, own_lines = tag in _LEFT_OUT, tag == "pre"
        if opens:
            skipping += left_out
            preformatted += own_lines
            _border(written, tag)
            if tag in _HEADINGS and not skipping:
                written.append(HEADING[int(tag[1])])
        else:
            skipping -= left_out
            preformatted -= own_lines
            if tag != "br":
                _border(written, tag)
            if tag in ("td", "th") and not skipping:
                written.append("\t")
        if piece and not skipping:
            _write(written, piece, preformatted=bool(preformatted))
    return _squeezed("".join(written))


def _border(written: list[str], tag: str) -> None:
    """A block begins or ends here; two borders in a row are one."""
    if tag in _PARTS_ON:
        if not written or written[-1] != "\n\n":
            written.append("\n\n")
    elif tag in _BREAKS and (tag == "br" or not written or not written[-1].endswith("\n")):
        written.append("\n")


def _write(written: list[str], piece: str, *, preformatted: bool) -> None:
    """Text as a browser sets it: white space is one space, and none where a line begins."""
    piece = MARK.sub(" ", piece)
    if not preformatted:
        piece = _SPACE.sub(" ", piece)
        if not written or written[-1][-1] in f" \n\t{MARKS}":
            piece = piece.lstrip(" ")
    if piece:
        written.append(piece)


def _squeezed(text: str) -> str:
    """No white space at the ends of lines, no more than one empty line."""
    text = re.sub(rf"[ \t\xa0{MARKS}]+\n", "\n", text)  # a heading without words is none
    return re.sub(r"\n{3,}", "\n\n", text).strip()
