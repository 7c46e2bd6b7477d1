"""XML read by plain Python: what programs write, and no more of the language than that.

Whatever else there is (document types, comments, CDATA, other encodings, anything that is not well-formed) is left to
a parser in a process of the document's own. Source: Extensible Markup Language 1.0 and Namespaces in XML (W3C).
"""

import re
from collections.abc import Iterator, Mapping

from engine.worker.reader.steps import NONE, ReadAlone, Step

MOST_DEPTH = 200  # libxml2 goes to 256
_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*+(?::[A-Za-z_][A-Za-z0-9_.-]*+)?"
_BEGINNING = re.compile(
    r"\ufeff?(?:<\?xml\s+version=(?:\"1\.0\"|'1\.0')(?:\s+encoding=(?:\"utf-8\"|'utf-8'))?"
    r"(?:\s+standalone=(?:\"(?:yes|no)\"|'(?:yes|no)'))?\s*\?>)?\s*",
    re.I,
)
_TAG = re.compile(
    rf"<(?:/({_NAME})\s*|({_NAME})((?:\s++{_NAME}\s*+=\s*+(?:\"[^\"<\t\n]*+\"|'[^'<\t\n]*+'))*+)\s*+(/?))>([^<]*+)"
)
_ATTRIBUTE = re.compile(rf"({_NAME})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}))?(;?)")
_CALLED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|]]>")
_SPACE = re.compile(r"urn:[A-Za-z0-9._:/-]+|https?://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/-]*)?(?:#[A-Za-z0-9._~/-]*)?")
_XML = "http://www.w3.org/XML/1998/namespace"
_RESERVED = frozenset({_XML, "http://www.w3.org/2000/xmlns/"})


def steps(raw: bytes) -> Iterator[Step]:
    """The elements of a document and the text between them. Raises `ReadAlone`, which may be after some steps."""
    text = _characters(raw)
    begins = _BEGINNING.match(text)
    at = begins.end() if begins else 0
    spaces: dict[str, str] = {"xml": _XML}
    above: list[tuple[str, str, dict[str, str]]] = []  # what is open: its name, its tag, the namespaces around it
    rooted = False
    for found in _TAG.finditer(text, at):
        if found.start() != at or (not above and (rooted or found[1])) or len(above) > MOST_DEPTH:
            raise ReadAlone
        at = found.end()
        closing, opening, attributes, empty, behind = found.groups()
        if opening:
            around, given = spaces, NONE
            if attributes:
                given, spaces = _attributes(attributes, spaces)
            tag = _qualified(opening, spaces, default=True)
            above.append((opening, tag, around))
            rooted = True
            yield Step(True, tag, "" if empty else _text(behind), given)
        if closing or empty:
            name, tag, spaces = above.pop()
            if (closing and name != closing) or (not above and behind.strip()):
                raise ReadAlone
            yield Step(False, tag, _text(behind) if above else "")
    if above or not rooted or at != len(text):
        raise ReadAlone


# Its own affairs.


def _characters(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ReadAlone from error
    if _FORBIDDEN.search(text):
        raise ReadAlone
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _attributes(written: str, spaces: dict[str, str]) -> tuple[Mapping[str, str], dict[str, str]]:
    """The attributes of an element, and the namespaces within it."""
    values: dict[str, str] = {}
    for name, one, other in _ATTRIBUTE.findall(written):
        if name in values:
            raise ReadAlone
        values[name] = _text(one or other)
    declared = {name: value for name, value in values.items() if name.startswith("xmlns")}
    if declared:
        spaces = dict(spaces)
        for name, value in declared.items():
            _, _, prefix = name.partition(":")
            known = name[:6] in ("xmlns", "xmlns:") and not prefix.startswith("xml") and value not in _RESERVED
            if not known or not _SPACE.fullmatch(value):
                raise ReadAlone
            spaces[prefix] = value
    given = {_qualified(name, spaces): value for name, value in values.items() if name not in declared}
    if len(given) + len(declared) != len(values):
        raise ReadAlone
    return given, spaces


def _qualified(name: str, spaces: Mapping[str, str], *, default: bool = False) -> str:
    """A name with its namespace; elements without a prefix are in the default one."""
    prefix, colon, own = name.rpartition(":")
    if not colon and not (default and "" in spaces):
        return name
    if prefix not in spaces:
        raise ReadAlone
    return f"{{{spaces[prefix]}}}{own}"


def _text(written: str) -> str:
    """What is written, with the characters that references stand for."""
    return _REFERENCE.sub(_referred, written) if "&" in written else written


def _referred(found: re.Match[str]) -> str:
    called, decimal, hexadecimal, end = found.groups()
    if not end:
        raise ReadAlone
    if called:
        return _CALLED[called]
    code = int(decimal) if decimal else int(hexadecimal or "0", 16)
    allowed = (
        code in (0x09, 0x0A, 0x0D) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    )
    if not allowed:
        raise ReadAlone
    return chr(code)
