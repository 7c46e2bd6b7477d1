"""Regular expressions as grammars, as far as they are regular: what stands between the quotes of a JSON string.

Taken are letters, sets, `.`, `\\d \\w \\s` and their opposites, groups, `|`, repetition, `^` at the beginning and `$`
at the end. Whatever looks around or back is refused: no grammar can do that.
"""

from typing import NoReturn

from engine.forms.gbnf import LAST, MOST_DEPTH, MOST_TIMES, Characters, Choice, Part, Repeat, Sequence, Text, characters

MOST_CHARACTERS = 2_000
_DIGITS = ((0x30, 0x39),)
_WORDS = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACES = ((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
           (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF))  # fmt: skip
_CLASSES = {"d": _DIGITS, "w": _WORDS, "s": _SPACES}
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_HEX = {"x": 2, "u": 4}
_PLAIN = characters((0, 0x1F), (0x22, 0x22), (0x5C, 0x5C), (0x7F, 0x7F), without=True)
_SHORT = {0x22: '\\"', 0x5C: "\\\\", 0x08: "\\b", 0x0C: "\\f", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}


class NotRegular(Exception):
    """A pattern that has no grammar, and why."""


def in_json(text: str) -> str:
    """Text as it stands between the quotes of a JSON string."""
    return "".join(_SHORT.get(ord(one), one if ord(one) >= 0x20 else f"\\u{ord(one):04x}") for one in text)


def pattern(source: str, anything: Part) -> Part:
    """The strings in which `source` is found; `anything` is any character of a string. Raises `NotRegular`."""
    if len(source) > MOST_CHARACTERS:
        raise NotRegular(f"it has more than {MOST_CHARACTERS:,} characters")
    reader = _Reader(source)
    ways = reader.whole()
    free = Repeat(anything)
    return Choice(
        tuple(Sequence((*(() if begins else (free,)), part, *(() if ends else (free,)))) for begins, part, ends in ways)
    )


class _Reader:
    """Goes through a pattern once."""

    def __init__(self, source: str) -> None:
        self._source, self._at = source, 0

    def whole(self) -> list[tuple[bool, Part, bool]]:
        """Each way of the pattern: whether it begins the string, what it is, whether it ends it."""
        ways = []
        while True:
            begins = self._taken("^")
            part = self._sequence(0, outermost=True)
            ends = self._taken("$")
            ways.append((begins, part, ends))
            if not self._taken("|"):
                break
        if self._now():
            self._fail("“)” closes nothing" if self._now() == ")" else "“^” and “$” may only stand at the ends")
        return ways

    def _choice(self, depth: int) -> Part:
        if depth > MOST_DEPTH:
            self._fail("there are too many groups in groups")
        ways = [self._sequence(depth)]
        while self._taken("|"):
            ways.append(self._sequence(depth))
        return ways[0] if len(ways) == 1 else Choice(tuple(ways))

    def _sequence(self, depth: int, outermost: bool = False) -> Part:
        parts: list[Part] = []
        while (now := self._now()) and now not in "|)":
            if now == "$" and outermost:
                break
            if now in "^$":
                self._fail("“^” and “$” may only stand at the ends")
            if now in "*+?" or (now == "{" and self._counts()):
                if not parts:
                    self._fail(f"there is nothing that “{now}” could repeat")
                parts[-1] = Repeat(parts[-1], *self._times())
            else:
                parts.append(self._part(now, depth))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _part(self, now: str, depth: int) -> Part:
        self._at += 1
        if now == "(":
            if self._taken("?") and not self._taken(":"):
                self._fail("it looks around or names a group")
            inner = self._choice(depth + 1)
            if not self._taken(")"):
                self._fail("a group is never closed")
            return inner
        if now == "[":
            return _escaped(self._set())
        if now == ".":
            return _escaped(characters((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029), without=True))
        if now == "\\":
            return _escaped(self._escape())
        return Text(in_json(now))

    def _set(self) -> Characters:
        without = self._taken("^")
        ranges: list[tuple[int, int]] = []
        while not self._taken("]"):
            low = self._member()
            if len(low.ranges) == 1 and self._now() == "-" and self._source[self._at + 1 : self._at + 2] not in "]":
                self._at += 1
                first, last = low.ranges[0][0], self._member().ranges[0][1]
                if last < first:
                    self._fail("a range of characters ends before it begins")
                ranges.append((first, last))
            else:
                ranges += low.ranges
        return characters(*ranges, without=without)

    def _member(self) -> Characters:
        now = self._now()
        if not now:
            self._fail("a set is never closed")
        self._at += 1
        return self._escape() if now == "\\" else characters((ord(now), ord(now)))

    def _escape(self) -> Characters:
        sign = self._now()
        self._at += 1
        if sign.lower() in _CLASSES:
            return characters(*_CLASSES[sign.lower()], without=sign.isupper())
        if sign in _LETTERS:
            sign = _LETTERS[sign]
        elif sign in _HEX:
            digits = self._source[self._at : self._at + _HEX[sign]]
            self._at += _HEX[sign]
            try:
                sign = chr(int(digits, 16))
            except ValueError:
                self._fail("there is no such escape")
        elif not sign or sign.isalnum():
            self._fail(f"“\\{sign}” is not supported")
        return characters((ord(sign), ord(sign)))

    def _counts(self) -> bool:
        inside, closed, _ = self._source[self._at + 1 :].partition("}")
        least, comma, most = inside.partition(",")
        return bool(closed) and least.isdigit() and (most.isdigit() or not most)

    def _times(self) -> tuple[int, int | None]:
        sign = self._now()
        self._at += 1
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign, (0, None))
        if sign == "{":
            inside, _, _ = self._source[self._at :].partition("}")
            self._at += len(inside) + 1
            if len(inside) > 12:
                self._fail("a number is too large")
            first, comma, last = inside.partition(",")
            least = int(first)
            most = int(last) if last else None if comma else least
        self._taken("?")  # a lazy repetition takes the same strings
        if least > MOST_TIMES or (most or 0) > MOST_TIMES:
            self._fail(f"nothing may be repeated more than {MOST_TIMES:,} times")
        if most is not None and most < least:
            self._fail("the most is less than the least")
        return least, most

    def _taken(self, sign: str) -> bool:
        found = self._now() == sign
        self._at += found
        return found

    def _now(self) -> str:
        return self._source[self._at : self._at + 1]

    def _fail(self, why: str) -> NoReturn:
        raise NotRegular(f"{why} (character {self._at + 1})")


def _escaped(wanted: Characters) -> Part:
    """A set of characters as they may stand in a JSON string."""
    plain = tuple(
        (max(low, first), min(high, last))
        for low, high in wanted.ranges
        for first, last in _PLAIN.ranges
        if max(low, first) <= min(high, last)
    )
    others = [code for low, high in wanted.ranges for code in _SHORT if low <= code <= min(high, LAST)]
    ways: list[Part] = [Characters(plain)] if plain else []
    ways += [Text(_SHORT[code]) for code in sorted(set(others))]
    if not ways:
        raise NotRegular("a set of characters has none that a JSON string can hold")
    return ways[0] if len(ways) == 1 else Choice(tuple(ways))
