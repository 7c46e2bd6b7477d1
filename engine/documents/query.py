"""The language of a search: what a person types, taken apart.

Words and "exact phrases" are looked for, `-word` and `-"phrase"` must not be in a passage, and `file:`, `folder:`,
`type:`, `before:` and `after:` say which documents are looked through; a minus before one of these leaves out
what it names. A value with spaces stands in quotes. Colons, quotes and minus signs may be full width. Anything
else with a colon is just words, and so is an operator without a value.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from engine.documents.words import Query, fold, phrase, read_query
from engine.errors import TextNotAccepted
from engine.formats import FORMATS
from engine.store.documents import KeptFile

Operator = Literal["file", "folder", "type", "before", "after"]

_QUOTED = r'"[^"]*"|“[^”]*”|「[^」]*」|『[^』]*』|＂[^＂]*＂'
_QUOTES = '"“”「」『』＂'
_OPERATOR = "(?:(?P<operator>file|folder|type|before|after)[:：])"
_TERM = re.compile(
    rf"(?<!\S)(?P<minus>[-−－])?{_OPERATOR}?(?P<value>{_QUOTED}|[^\s{_QUOTES}]+)|{_QUOTED}", re.IGNORECASE
)
_UNFINISHED = re.compile(rf"(?<!\S)[-−－]?{_OPERATOR}?[{_QUOTES}]?$", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[年月日]?")


@dataclass(frozen=True, slots=True)
class Condition:
    """What a document must be, or with `wanted` False must not be: by its name, folder, kind or time.

    `value` is the folded text, the kind or the ending with its dot, or the moment in nanoseconds since 1970.
    """

    operator: Operator
    value: str | int
    wanted: bool = True

    def holds(self, file: KeptFile) -> bool:
        """Whether a file is what is asked for here."""
        return self._names(file) == self.wanted

    def _names(self, file: KeptFile) -> bool:
        match self.operator:
            case "file":
                return str(self.value) in fold(file.path.name)
            case "folder":
                return str(self.value) in f"{_folder(str(file.path.parent))}/"
            case "type":
                return self.value == file.kind or (
                    str(self.value).startswith(".") and file.path.name.lower().endswith(str(self.value))
                )
            case "before":
                return file.mtime_ns < int(self.value)
            case "after":
                return file.mtime_ns >= int(self.value)


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: what is looked for, the words it is written in, and which documents are looked through."""

    query: Query
    words: str
    conditions: tuple[Condition, ...] = ()

    @property
    def lists(self) -> bool:
        """Whether it names documents and looks for nothing in them."""
        return bool(self.conditions or self.query.never) and not self.query.must and not self.query.may

    def documents(self, files: Iterable[KeptFile]) -> list[int]:
        """The numbers of the documents that are looked through. Of several kinds, any will do."""
        kinds = [one for one in self.conditions if one.operator == "type" and one.wanted]
        others = [one for one in self.conditions if one not in kinds]
        return [
            file.id
            for file in files
            if all(one.holds(file) for one in others) and (not kinds or any(one.holds(file) for one in kinds))
        ]


def read_search(text: str) -> Asked:
    """What a person asks for. Raises `TextNotAccepted` for an operator's value that stands for nothing."""
    never: list[str] = []
    conditions: list[Condition] = []

    def take(found: re.Match[str]) -> str:
        value, operator = (found["value"] or "").strip(_QUOTES), found["operator"]
        if operator and value:
            conditions.append(_condition(operator.lower(), value, wanted=not found["minus"]))
        elif found["minus"] and not operator and phrase(value):
            never.append(value)
        else:
            return found.group()
        return ""

    words = _TERM.sub(take, _UNFINISHED.sub("", text))
    query = replace(read_query(words), never=tuple(unit for one in never if (unit := phrase(one))))
    return Asked(query=query, words=words.strip(), conditions=tuple(conditions))


def read_question(text: str) -> Asked:
    """A question, every word of which is a word."""
    return Asked(query=read_query(text), words=text)


# Its own affairs.


def _condition(operator: str, value: str, *, wanted: bool) -> Condition:
    match operator:
        case "file":
            return Condition("file", fold(value), wanted)
        case "folder":
            whole = str(Path(value).expanduser()) if value.startswith("~") else value
            return Condition("folder", _folder(whole), wanted)
        case "type":
            return Condition("type", _kind(value), wanted)
        case "before":
            return Condition("before", _moment("before:", value), wanted)
        case _:
            return Condition("after", _moment("after:", value), wanted)


def _folder(text: str) -> str:
    return fold(text).replace("\\", "/")


def _kind(value: str) -> str:
    """A kind of documents, or with a dot in front an ending of their names."""
    name = fold(value).removeprefix(".")
    if name in FORMATS:
        return name
    if any(f".{name}" in known.endings for known in FORMATS.values()):
        return f".{name}"
    every = ", ".join(sorted(FORMATS))
    why = f"the kinds of documents are {every}"
    raise TextNotAccepted(what="type:", value=f"“{value[:40]}”", why=why)


def _moment(operator: str, value: str) -> int:
    """The beginning of a year, a month or a day where the person is."""
    found = _DATE.fullmatch(fold(value))
    try:
        if found is None:
            raise ValueError(value)
        year, month, day = (int(number or 1) for number in found.groups())
        return int(datetime(year, month, day).timestamp()) * 10**9  # local time, as files' times are shown
    except (ValueError, OverflowError, OSError):
        why = "write a year, a month or a day, such as 2024, 2024-05 or 2024-05-01"
        raise TextNotAccepted(what=operator, value=f"“{value[:40]}”", why=why) from None
