"""Characters that nobody sees, made visible: controls, direction overrides, zero-width signs, tags, fillers.

Text from a model or a document may hold them to hide words from a reader, to show a name backwards, or to steer a
terminal. Wherever text is shown, each becomes its number between small marks, ‹U+202E›; what is kept, and what a
program is given as JSON, stays as it came. The few places where such a sign belongs to ordinary writing (within an
emoji, a Persian word, a Japanese name's variant) are left alone.
"""

import re
from collections.abc import Sequence
from pathlib import Path

EACH = 3  # so many in a row are shown one by one; of a longer row the first and the count
_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_JOINED = (
    "\u0600-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1820-\u1878"  # scripts that join or need signs
)
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_PICTURE = "\xa9\xae\u203c-\u3299\U0001f000-\U0001faff"
_HAN = "\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ALONE = rf"(?![{_HIDDEN}])"
# Sources: Unicode Standard Annex 14 and 29, Technical Standards 37 (variants of Han) and 51 (emoji).
_ORDINARY = "|".join(
    (
        r"(?<=\w)\xad(?=\w)",
        rf"(?<=[{_JOINED}])[\u200b-\u200d](?=[{_JOINED}])",
        rf"(?<=[{_PICTURE}\ufe0f])\u200d(?=[{_PICTURE}])",
        rf"(?<=[{_PICTURE}#*0-9])[\ufe0e\ufe0f](?:(?=\u200d[{_PICTURE}])|{_ALONE})",
        rf"(?<=[{_HAN}\u2200-\u22ff])[\ufe00-\ufe0d\U000e0100-\U000e01ef]{_ALONE}",
        rf"(?<=[{_RIGHT_TO_LEFT}])[\u200e\u200f\u061c]{_ALONE}",
        rf"(?<![{_HIDDEN}])[\u200e\u200f\u061c](?=[{_RIGHT_TO_LEFT}])",
        rf"(?<=[\u1820-\u1878])[\u180b-\u180f]{_ALONE}",
        "(?<=\U0001f3f4)\U000e0067\U000e0062[\U000e0061-\U000e007a]{3}\U000e007f",  # flags of parts of a country
    )
)
_ANY = re.compile(f"[{_HIDDEN}]")
_ORDINARY_OR_HIDDEN = re.compile(f"(?:{_ORDINARY})|(?P<hidden>[{_HIDDEN}])")
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """`text` with every hidden character as a mark that can be seen. Line feeds and tabs stay."""
    return visible_at(text, ())[0]


def visible_at(text: str, offsets: Sequence[int]) -> tuple[str, list[int]]:
    """The same, and where in the result each of `offsets` into `text` is."""
    if not _ANY.search(text):
        return text, list(offsets)
    pieces: list[str] = []
    moves: list[tuple[int, int, int]] = []  # what was there: its start, its end; how much longer the text is after it
    at = longer = 0
    for start, end in _rows(text):
        mark = _mark(text[start:end])
        pieces += [text[at:start], mark]
        longer += len(mark) - (end - start)
        moves.append((start, end, longer))
        at = end
    pieces.append(text[at:])
    return "".join(pieces), [_moved(offset, moves) for offset in offsets]


def harmless(text: str) -> str:
    """A piece of a text whose rest is not here yet: only what steers a terminal or the direction becomes a mark."""
    return _STEERING.sub(lambda found: _mark(found[0]), text)


def _rows(text: str) -> list[tuple[int, int]]:
    """Where hidden characters stand in a row, by start and end."""
    rows: list[tuple[int, int]] = []
    for found in _ORDINARY_OR_HIDDEN.finditer(text):
        if found["hidden"] is None or found[0] == "\r" and text.startswith("\n", found.end()):
            continue
        if rows and rows[-1][1] == found.start():
            rows[-1] = (rows[-1][0], found.end())
        else:
            rows.append(found.span())
    return rows


def _mark(row: str) -> str:
    if len(row) <= EACH:
        return "".join(f"‹U+{ord(character):04X}›" for character in row)
    return f"‹U+{ord(row[0]):04X}… ×{len(row)}›"


def _moved(offset: int, moves: Sequence[tuple[int, int, int]]) -> int:
    before = 0
    for start, end, longer in moves:
        if offset < end:
            return min(offset, start) + before
        before = longer
    return offset + before


def is_text(name: str | Path) -> bool:
    """Whether the name of a file can be kept and shown; a system may allow any bytes in a name."""
    try:
        str(name).encode()
    except UnicodeEncodeError:
        return False
    return True
