"""Grammars as llama.cpp writes them (GBNF): from text to parts and back.

    root ::= "yes" | "no" [!.]{1,3}

Source of the notation: llama.cpp, grammars/README.md. Not taken over are tokens (`<think>`, `<[7]>`): what they
stand for depends on the model, and a control token has no place in an answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from engine.errors import FormNotUsable

MOST_CHARACTERS = 65_536  # of a grammar or a schema
MOST_DEPTH = 60  # of brackets in brackets
MOST_TIMES = 2_000  # that a part is repeated; llama.cpp's own limit
LAST = 0x10FFFF
SPECIAL = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\", '"': r"\"", "[": r"\[", "]": r"\]", "-": r"\-"}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "[": "[", "]": "]", "-": "-"}
_HEX = {"x": 2, "u": 4, "U": 8}


@dataclass(frozen=True, slots=True)
class Text:
    """These characters, one after the other."""

    text: str


@dataclass(frozen=True, slots=True)
class Characters:
    """One character of these ranges of code points, both ends included, in order and apart."""

    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What the rule of this name says."""

    name: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: "tuple[Part, ...]"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these."""

    ways: "tuple[Part, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same part again and again; `most` None is without end."""

    part: "Part"
    least: int = 0
    most: int | None = None


Part = Text | Characters | Named | Sequence | Choice | Repeat
Grammar = Mapping[str, Part]
ROOT = "root"
NOTHING = Text("")


def characters(*ranges: tuple[int, int], without: bool = False) -> Characters:
    """The set of these ranges, or with `without` of everything else; U+0000 is never in it."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        low = max(low, 1)
        if high < 1:
            continue
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    if not without:
        return Characters(tuple(joined))
    others, at = [], 1
    for low, high in joined:
        if at < low:
            others.append((at, low - 1))
        at = max(at, high + 1)
    return Characters((*others, (at, LAST)) if at <= LAST else tuple(others))


def read(text: str) -> dict[str, Part]:
    """The rules of a grammar. Raises `FormNotUsable` with the line and the column of what is wrong."""
    if len(text) > MOST_CHARACTERS:
        why = f"it has {len(text):,} characters and the most is {MOST_CHARACTERS:,}"
        raise FormNotUsable(what="grammar", place="its length", why=why)
    return _Reader(text).grammar()


def written(grammar: Grammar) -> str:
    """A grammar as text; `read` gives it back."""
    return "".join(f"{name} ::= {_shown(part)}\n" for name, part in grammar.items())


class _Reader:
    """Goes through the text once."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._names: dict[str, int] = {}  # every name used, and where first

    def grammar(self) -> dict[str, Part]:
        rules: dict[str, Part] = {}
        self._space(lines=True)
        while self._now():
            at = self._at
            name = self._name()
            self._space()
            if not self._text.startswith("::=", self._at):
                self._fail("“::=” is missing after the name of a rule")
            self._at += 3
            self._space(lines=True)
            if name in rules:
                self._fail(f"there is a rule “{name[:40]}” already", at)
            rules[name] = self._choice(0)
            if self._now() not in ("", "\r", "\n"):
                self._fail(f"“{self._now()}” does not fit here")
            self._space(lines=True)
        if ROOT not in rules:
            self._fail("there is no rule “root”, with which every answer begins", len(self._text))
        for name, at in self._names.items():
            if name not in rules:
                self._fail(f"there is no rule “{name[:40]}”", at)
        return rules

    def _choice(self, depth: int) -> Part:
        if depth > MOST_DEPTH:
            self._fail(f"there are more than {MOST_DEPTH} brackets in brackets")
        ways = [self._sequence(depth)]
        while self._now() == "|":
            self._at += 1
            self._space(lines=True)
            ways.append(self._sequence(depth))
        return ways[0] if len(ways) == 1 else Choice(tuple(ways))

    def _sequence(self, depth: int) -> Part:
        parts: list[Part] = []
        while (now := self._now()) and now not in "|)\r\n":
            if now in "*+?{":
                if not parts:
                    self._fail(f"there is nothing that “{now}” could repeat")
                least, most = self._times()
                parts[-1] = Repeat(parts[-1], least, most)
            else:
                parts.append(self._part(now, depth))
            self._space(lines=depth > 0)
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _part(self, now: str, depth: int) -> Part:
        if now == '"':
            return self._string()
        if now == "[":
            return self._set()
        if now == ".":
            self._at += 1
            return characters(without=True)
        if now == "(":
            self._at += 1
            self._space(lines=True)
            inner = self._choice(depth + 1)
            if self._now() != ")":
                self._fail("a closing bracket is missing")
            self._at += 1
            return inner
        if now in "<!":
            self._fail("tokens are not supported: write the text that the answer is to have")
        at = self._at
        name = self._name()
        self._names.setdefault(name, at)
        return Named(name)

    def _string(self) -> Text:
        found, opened = [], self._at
        self._at += 1
        while self._now() != '"':
            if not self._now():
                self._fail("this text is never closed", opened)
            found.append(self._character())
        self._at += 1
        if "\0" in found:
            self._fail("there is no such character", opened)
        return Text("".join(found))

    def _set(self) -> Characters:
        opened, ranges = self._at, []
        self._at += 1
        without = self._now() == "^"
        self._at += without
        while self._now() != "]":
            if not self._now():
                self._fail("this set of characters is never closed", opened)
            low = high = ord(self._character())
            if self._now() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                high = ord(self._character())
            if high < low:
                self._fail("this range of characters ends before it begins")
            ranges.append((low, high))
        self._at += 1
        if not ranges:
            self._fail("this set of characters is empty", opened)
        return characters(*ranges, without=without)

    def _times(self) -> tuple[int, int | None]:
        sign = self._now()
        self._at += 1
        if sign != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        self._space()
        least = self._number()
        most: int | None = least
        if self._now() == ",":
            self._at += 1
            self._space()
            most = self._number() if self._now().isdigit() else None
        if self._now() != "}":
            self._fail("“}” is missing")
        self._at += 1
        if most is not None and most < least:
            self._fail("the most is less than the least")
        return least, most

    def _number(self) -> int:
        start = self._at
        while self._now() and self._now() in "0123456789":
            self._at += 1
        digits = self._text[start : self._at]
        if not digits:
            self._fail("a number is missing")
        if len(digits) > 6 or int(digits) > MOST_TIMES:
            self._fail(f"nothing may be repeated more than {MOST_TIMES:,} times", start)
        self._space()
        return int(digits)

    def _character(self) -> str:
        now = self._now()
        self._at += 1
        if now != "\\":
            return now
        sign = self._now()
        self._at += 1
        if sign in _ESCAPES:
            return _ESCAPES[sign]
        size = _HEX.get(sign, 0)
        digits = self._text[self._at : self._at + size]
        if not size or len(digits) < size or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
            self._fail("there is no such escape", self._at - 2)
        code = int(digits, 16)
        if code > LAST or 0xD800 <= code <= 0xDFFF:
            self._fail("there is no such character", self._at - 2)
        self._at += size
        return chr(code)

    def _name(self) -> str:
        start = self._at
        while (now := self._now()) and now.isascii() and (now.isalnum() or now == "-"):
            self._at += 1
        if start == self._at:
            self._fail(f"“{self._now()}” does not fit here" if self._now() else "something is missing at the end")
        return self._text[start : self._at]

    def _space(self, lines: bool = False) -> None:
        while now := self._now():
            if now == "#":
                while self._now() not in ("", "\r", "\n"):
                    self._at += 1
            elif now in " \t" or (lines and now in "\r\n"):
                self._at += 1
            else:
                return

    def _now(self) -> str:
        return self._text[self._at : self._at + 1]

    def _fail(self, why: str, at: int | None = None) -> NoReturn:
        before = self._text[: self._at if at is None else at]
        place = f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"
        raise FormNotUsable(what="grammar", place=place, why=why)


def _shown(part: Part, inner: bool = False) -> str:
    """`inner` where it stands beside others, so that what is loose needs brackets."""
    match part:
        case Text(text):
            return f'"{"".join(map(_spelled, text))}"'
        case Characters(ranges):
            return f"[{''.join(_ranges(ranges))}]"
        case Named(name):
            return name
        case Sequence(parts):
            shown = " ".join(_shown(one, inner=True) for one in parts) or '""'
        case Choice(ways):
            shown = " | ".join(_shown(one, inner=True) for one in ways)
        case Repeat(repeated, least, most):
            loose = isinstance(repeated, Text | Repeat)
            what = f"({_shown(repeated)})" if loose else _shown(repeated, inner=True)
            return f"{what}{{{least}{',' if most is None else '' if most == least else f',{most}'}}}"
    return f"({shown})" if inner else shown


def _ranges(ranges: tuple[tuple[int, int], ...]) -> Iterator[str]:
    for low, high in ranges:
        yield _spelled(chr(low)) if low == high else f"{_spelled(chr(low))}-{_spelled(chr(high))}"


def _spelled(character: str) -> str:
    code = ord(character)
    if character in SPECIAL:
        return SPECIAL[character]
    if 0x20 <= code < 0x7F and character != "^":
        return character
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
