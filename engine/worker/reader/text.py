"""Plain text: bytes into characters, whatever wrote them."""

import codecs
import re
from collections.abc import Iterator

from engine.errors import DocumentDamaged
from engine.worker.reader.file import File
from engine.worker.reader.unit import Unit, units

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HALF_WIDTH = re.compile("[\uff61-\uff9f\ue000-\uf8ff]")
_ODD = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_HIGH = re.compile(b"[\x80-\xff]")
_ISO_2022 = ("iso2022_jp_2004", "iso2022_jp_ext")  # what Japanese mails were written in, with its later signs
_WINDOWS = "cp1252"
_LATIN = {"iso-8859-1", "iso8859-1", "latin-1", "latin1"}  # Encoding Standard (WHATWG): they mean Windows'
_LOOKED_AT = 65536
for _encoding in (*(name for _, name in _MARKS), "utf-32-le", "utf-16-le", "cp932", "euc_jp", _WINDOWS, "cp437"):
    codecs.lookup(_encoding)  # Python imports it then: here, and not in every copy of the reader; the last is of ZIP's


def read(file: File) -> Iterator[Unit]:
    """The text as it is."""
    yield from units(lines_of(file, "text"))


def lines_of(file: File, called: str) -> str:
    """All of a text file, its lines ended by line feeds. Raises `DocumentDamaged`."""
    text = decode(file.read())
    if text is None:
        raise DocumentDamaged(path=file.name, kind=called, why="it holds binary data")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def decode(raw: bytes, declared: str = "") -> str | None:
    """Characters from bytes: byte-order mark, declaration, UTF-8, Japanese, Latin; None for binary data."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            marked = raw.decode(encoding, "replace")
            return None if marked.count("\ufffd") > 3 + len(marked) // 50 else marked
    if b"\x00" in raw[:_LOOKED_AT]:
        return _utf8_with_zeros(raw) or _utf32_without_mark(raw) or _utf16_without_mark(raw)
    escaped = _ISO_2022 if b"\x1b$" in raw[:_LOOKED_AT] and not _HIGH.search(raw) else ()
    declared = _WINDOWS if declared.lower().replace("_", "-") in _LATIN else declared
    for encoding in (declared, *escaped, "utf-8"):
        text = _strictly(raw, encoding)
        if text is not None:
            return text
    japanese = [text for encoding in ("cp932", "euc_jp") if (text := _strictly(raw, encoding)) is not None]
    if japanese:  # one often passes for the other, but then reads as half-width katakana
        return min(japanese, key=lambda text: len(_HALF_WIDTH.findall(text, 0, _LOOKED_AT)))
    cut = _without_broken_end(raw)
    if cut is not None:
        return cut
    text = _strictly(raw, _WINDOWS) or raw.decode("latin-1")
    return None if len(_ODD.findall(text, 0, _LOOKED_AT)) > min(len(text), _LOOKED_AT) // 50 else text


# Its own affairs.


def _strictly(raw: bytes, encoding: str) -> str | None:
    if not encoding:
        return None
    try:
        return raw.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _without_broken_end(raw: bytes) -> str | None:
    """UTF-8 with few broken bytes (a cut file, a pasted line) is still UTF-8."""
    text = raw.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    more = sum(1 for character in text[:_LOOKED_AT] if character > "\x7f")
    return text if broken <= 3 and more > 20 * broken else None


def _utf8_with_zeros(raw: bytes) -> str | None:
    """A text into which a few zeros have strayed; in UTF-16 far more bytes are zeros, or it is no UTF-8."""
    return _strictly(raw, "utf-8") if raw.count(0) <= len(raw) // 50 else None


def _utf32_without_mark(raw: bytes) -> str | None:
    """UTF-32 has a zero in one place of every four bytes, and at most 16 beside it."""
    window = raw[: _LOOKED_AT // 4 * 4]
    for encoding, zero, small in (("utf-32-le", 3, 2), ("utf-32-be", 0, 1)):
        if not any(window[zero::4]) and max(window[small::4], default=17) <= 16:
            text = _strictly(raw[: len(raw) // 4 * 4], encoding)
            if text is not None and len(_ODD.findall(text, 0, _LOOKED_AT)) <= len(text) // 50:
                return text
    return None


def _utf16_without_mark(raw: bytes) -> str | None:
    """UTF-16 shows itself by zeros on one side only; zeros on both sides are no text."""
    window = raw[:_LOOKED_AT]
    even, odd = window[0::2].count(0), window[1::2].count(0)
    text = _strictly(raw[: len(raw) // 2 * 2], "utf-16-le" if odd > even else "utf-16-be")
    if text is None or len(_ODD.findall(text, 0, _LOOKED_AT)) > len(window) // 100:
        return None
    letters = sum(1 for character in text[:2000] if character.isalnum() or character.isspace())
    return text if letters > min(len(text), 2000) // 2 else None
