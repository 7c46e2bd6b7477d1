"""Numbers within bounds, as grammars: whole ones exactly, others digit by digit.

A bound is compared as it is read: the number of digits first, then the first digit, then the rest.
"""

from collections.abc import Callable
from decimal import Decimal

from engine.forms.gbnf import NOTHING, Characters, Choice, Part, Repeat, Sequence, Text, characters

MOST_DIGITS = 15  # of a number without bounds, before and after the point: what a JSON number keeps everywhere
Number = int | Decimal
Positive = Callable[[Number, Number | None], Part | None]
DIGIT = characters((0x30, 0x39))
_FIRST = characters((0x31, 0x39))
_MINUS = Text("-")
_EXPONENT = Sequence((
    characters((0x45, 0x45), (0x65, 0x65)), Repeat(characters((0x2B, 0x2B), (0x2D, 0x2D)), 0, 1), Repeat(DIGIT, 1, 2)
))  # fmt: skip
_FREE = Choice((Text("0"), Sequence((_FIRST, Repeat(DIGIT, 0, MOST_DIGITS - 1)))))


def integers(least: int | None, most: int | None) -> Part | None:
    """Whole numbers from `least` to `most`; None where there is none."""
    if least is None and most is None:
        return Sequence((Repeat(_MINUS, 0, 1), _FREE))
    return _signed(least, most, lambda low, high: _naturals(int(low), None if high is None else int(high)))


def numbers(least: Decimal | None, most: Decimal | None) -> Part | None:
    """Numbers from `least` to `most`; None where there is none. An exponent comes only without bounds."""
    if least is None and most is None:
        fraction = Sequence((Text("."), Repeat(DIGIT, 1, MOST_DIGITS)))
        return Sequence((Repeat(_MINUS, 0, 1), _FREE, Repeat(fraction, 0, 1), Repeat(_EXPONENT, 0, 1)))
    return _signed(least, most, _decimals)


def _signed(least: Number | None, most: Number | None, positive: Positive) -> Part | None:
    """`positive` gives the numbers between two bounds that are not below zero."""
    ways: list[Part] = []
    if least is None or least < 0:
        low: Number = -most if most is not None and most < 0 else 0
        if (below := positive(low, None if least is None else -least)) is not None:
            ways.append(Sequence((_MINUS, below)))
    if most is None or most >= 0:
        low = least if least is not None and least > 0 else 0
        if (above := positive(low, most)) is not None:
            ways.append(above)
    return _one_of(ways)


def _naturals(low: int, high: int | None) -> Part | None:
    """Whole numbers from `low` on, which is not below zero."""
    if high is None:
        size = len(str(low))
        longer = Sequence((_FIRST, Repeat(DIGIT, size, max(size, MOST_DIGITS - 1))))
        return Choice((_naturals(low, 10**size - 1) or NOTHING, longer))
    if low > high:
        return None
    ways: list[Part] = []
    while len(str(low)) < len(str(high)):
        end = 10 ** len(str(low)) - 1
        ways.append(_same_length(str(low), str(end)))
        low = end + 1
    ways.append(_same_length(str(low), str(high)))
    return _one_of(ways)


def _same_length(low: str, high: str) -> Part:
    """Digits from `low` to `high`, which have the same number of them."""
    if not low:
        return NOTHING
    if low == "0" * len(low) and high == "9" * len(high):
        return Repeat(DIGIT, len(low), len(low))
    if low[0] == high[0]:
        return Sequence((Text(low[0]), _same_length(low[1:], high[1:])))
    nines, zeros = "9" * (len(low) - 1), "0" * (len(low) - 1)
    ways: list[Part] = []
    first, last = int(low[0]), int(high[0])
    if low[1:] != zeros:
        ways.append(Sequence((Text(low[0]), _same_length(low[1:], nines))))
        first += 1
    if high[1:] != nines:
        last -= 1
    if first <= last:
        ways.append(Sequence((_digits(first, last), _same_length(zeros, nines))))
    if high[1:] != nines:
        ways.append(Sequence((Text(high[0]), _same_length(zeros, high[1:]))))
    return _one_of(ways) or NOTHING


def _decimals(low: Number, high: Number | None) -> Part | None:
    """Numbers from `low` on, which is not below zero."""
    if high is not None and low > high:
        return None
    whole, first = _split(low)
    ways: list[Part] = []
    if high is None:
        ways.append(Sequence((Text(str(whole)), _fraction(first, None))))
        if (above := _naturals(whole + 1, None)) is not None:
            ways.append(Sequence((above, _fraction("", None))))
        return _one_of(ways)
    end, last = _split(high)
    if whole == end:
        return Sequence((Text(str(whole)), _fraction(first, last)))
    ways.append(Sequence((Text(str(whole)), _fraction(first, None))))
    if (between := _naturals(whole + 1, end - 1)) is not None:
        ways.append(Sequence((between, _fraction("", None))))
    ways.append(Sequence((Text(str(end)), _fraction("", last))))
    return _one_of(ways)


def _split(value: Number) -> tuple[int, str]:
    whole = int(value)
    return whole, format(Decimal(value - whole), "f")[2:].rstrip("0")


def _fraction(low: str, high: str | None) -> Part:
    """A point and digits from `low` to `high` (None: any), or none of them where `low` asks for none."""
    if high == "":
        return Repeat(Sequence((Text("."), Repeat(Text("0"), 1, MOST_DIGITS))), 0, 1)
    digits = _after_point(low, high)
    written = Sequence((Text("."), digits))
    return Repeat(written, 0, 1) if not low else written


def _after_point(low: str, high: str | None) -> Part:
    """One digit and more, from `low` to `high` as the digits of a fraction."""
    rest = Repeat(DIGIT, 0, MOST_DIGITS)
    if not low and high is None:
        return Repeat(DIGIT, 1, MOST_DIGITS)
    if high == "":
        return Repeat(Text("0"), 1, MOST_DIGITS)
    first, last = int(low[0]) if low else 0, int(high[0]) if high else 9
    if low and high and first == last:
        return Sequence((Text(low[0]), _more(low[1:], high[1:])))
    ways: list[Part] = []
    if low:
        ways.append(Sequence((Text(low[0]), _more(low[1:], None))))
    if high:
        ways.append(Sequence((Text(high[0]), _more("", high[1:]))))
    first, last = first + bool(low), last - bool(high)
    if first <= last:
        ways.append(Sequence((_digits(first, last), rest)))
    return _one_of(ways) or NOTHING


def _more(low: str, high: str | None) -> Part:
    """What may follow a digit that was the bound's own; nothing may, where `low` asks for no more."""
    more = _after_point(low, high)
    return more if low else Repeat(more, 0, 1)


def _digits(first: int, last: int) -> Characters:
    return characters((0x30 + first, 0x30 + last))


def _one_of(ways: list[Part]) -> Part | None:
    return ways[0] if len(ways) == 1 else Choice(tuple(ways)) if ways else None
