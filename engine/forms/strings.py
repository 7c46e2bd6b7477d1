"""Strings, names and any value of JSON as rules of a grammar."""

from collections.abc import Iterable

from engine.forms.gbnf import (
    NOTHING,
    Choice,
    Named,
    Part,
    Repeat,
    Sequence,
    Text,
    characters,
)
from engine.forms.numbers import DIGIT, numbers
from engine.forms.patterns import in_json

QUOTE = Text('"')
CHARACTER, SPACE, VALUE, STRING, OBJECT = (Named(name) for name in ("character", "space", "value", "string", "object"))
_HEX = characters((0x30, 0x39), (0x41, 0x46), (0x61, 0x66))
_UNTIL_D = characters((0x30, 0x39), (0x41, 0x43), (0x45, 0x46), (0x61, 0x63), (0x65, 0x66))
_PLAIN = ((0, 0x1F), (0x22, 0x22), (0x5C, 0x5C), (0x7F, 0x7F))
_ESCAPE = Sequence((Text("\\"), Choice((
    characters(*((ord(sign), ord(sign)) for sign in '"\\/bfnrt')),
    Sequence((Text("u"), Choice((  # no halves of pairs: they are no characters
        Sequence((_UNTIL_D, _HEX, _HEX, _HEX)),
        Sequence((characters((0x44, 0x44), (0x64, 0x64)), characters((0x30, 0x37)), _HEX, _HEX)),
    )))),
))))  # fmt: skip
_ANY_NUMBER = numbers(None, None)
assert _ANY_NUMBER is not None
_INDENT = 24  # the most that a line is set in


def listed(item: Part, opening: str, closing: str) -> Part:
    """Any number of items between brackets, with commas."""
    more = Repeat(Sequence((Text(","), SPACE, item)))
    return Sequence((Text(opening), SPACE, Choice((Sequence((item, more, SPACE)), NOTHING)), Text(closing)))


def pair(name: Part, value: Part) -> Part:
    """A name of an object and its value."""
    return Sequence((name, Text(":"), SPACE, value))


JSON: dict[str, Part] = {
    "space": Choice((NOTHING, Text(" "), Sequence((Text("\n"), Repeat(characters((9, 9), (32, 32)), 0, _INDENT))))),
    "character": Choice((characters(*_PLAIN, without=True), _ESCAPE)),
    "string": Sequence((QUOTE, Repeat(CHARACTER), QUOTE)),
    "number": _ANY_NUMBER,
    "array": listed(VALUE, "[", "]"),
    "object": listed(pair(STRING, VALUE), "{", "}"),
    "value": Choice((OBJECT, Named("array"), STRING, Named("number"), Text("true"), Text("false"), Text("null"))),
}

_TWO, _FOUR = Repeat(DIGIT, 2, 2), Repeat(DIGIT, 4, 4)


def _between(*ways: tuple[str, str, str]) -> Part:
    """Two digits, each way a first digit and the range of the second."""
    return Choice(tuple(Sequence((Text(first), characters((ord(low), ord(high))))) for first, low, high in ways))


_DATE = Sequence((
    _FOUR, Text("-"), _between(("0", "1", "9"), ("1", "0", "2")), Text("-"),
    _between(("0", "1", "9"), ("1", "0", "9"), ("2", "0", "9"), ("3", "0", "1")),
))  # fmt: skip
_HOUR = _between(("0", "0", "9"), ("1", "0", "9"), ("2", "0", "3"))
_MINUTE = Sequence((characters((0x30, 0x35)), DIGIT))
_ZONE = Choice((Text("Z"), Sequence((characters((0x2B, 0x2B), (0x2D, 0x2D)), _HOUR, Text(":"), _MINUTE))))
_TIME = Sequence((
    _HOUR, Text(":"), _MINUTE, Text(":"), _MINUTE, Repeat(Sequence((Text("."), Repeat(DIGIT, 1, 9))), 0, 1), _ZONE
))  # fmt: skip
_SMALL_HEX = characters((0x30, 0x39), (0x61, 0x66))
# Source: RFC 3339 and RFC 9562, as JSON Schema 2020-12 refers to them.
FORMATS: dict[str, Part] = {
    "date": _DATE,
    "time": _TIME,
    "date-time": Sequence((_DATE, Text("T"), _TIME)),
    "uuid": Sequence((
        Repeat(_SMALL_HEX, 8, 8), *(Sequence((Text("-"), Repeat(_SMALL_HEX, 4, 4))) for _ in range(3)), Text("-"),
        Repeat(_SMALL_HEX, 12, 12),
    )),
}  # fmt: skip


def name_other_than(names: Iterable[str]) -> Part:
    """A string that is none of these: it leaves every way that leads to one of them."""
    return Sequence((QUOTE, _leaving(sorted({in_json(name) for name in names}))))


def _leaving(endings: list[str]) -> Part:
    ways: list[Part] = [] if "" in endings else [QUOTE]
    heads = sorted({ending[0] for ending in endings if ending})
    for head in heads:
        ways.append(Sequence((Text(head), _leaving([ending[1:] for ending in endings if ending[:1] == head]))))
    others = characters(*_PLAIN, *((ord(head), ord(head)) for head in heads), without=True)
    ways.append(Sequence((others, Repeat(CHARACTER), QUOTE)))
    return Choice(tuple(ways))
