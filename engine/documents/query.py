"""The language of a search: what a person types, taken apart.

Words and "exact phrases" are looked for, `-word` and `-"phrase"` must not be in a passage, and `in:` (a collection),
`file:`, `folder:`, `type:`, `before:`, `after:` and `from:` (who sent a mail) say what is looked through; a minus
before one of these leaves out what it names. A value with spaces stands in quotes. Colons, quotes and minus signs may
be full width. Anything else with a colon is just words, and so is an operator without a value.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from engine.documents.folding import fold
from engine.documents.words import Query, phrase, read_query
from engine.errors import TextNotAccepted
from engine.formats import FORMATS
from engine.store.documents import KeptFile
from engine.store.passages import Among
from engine.types import Collection

Operator = Literal["in", "file", "folder", "type", "before", "after", "from"]
FindCollection = Callable[[str], Collection]

_QUOTED = r'"[^"]*"|“[^”]*”|「[^」]*」|『[^』]*』|＂[^＂]*＂'
QUOTES = '"“”「」『』＂'
_OPERATOR = "(?:(?P<operator>in|file|folder|type|before|after|from)[:：])"
_TERM = re.compile(
    rf"(?<!\S)(?P<minus>[-−－])?{_OPERATOR}?(?P<value>{_QUOTED}|[^\s{QUOTES}]+)|{_QUOTED}", re.IGNORECASE
)
_UNFINISHED = re.compile(rf"(?<!\S)[-−－]?{_OPERATOR}?[{QUOTES}]?$", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[年月日]?")


@dataclass(frozen=True, slots=True)
class Condition:
    """What a document must be, or with `wanted` False must not be: by its collection, name, folder, kind, time, sender.

    `value` is the ids of the collection's documents, the folded text, the kind or the ending with its dot, or the
    moment in nanoseconds since 1970. `written` is how it stands in the search.
    """

    operator: Operator
    value: str | int | frozenset[int]
    wanted: bool = True
    written: str = field(default="", compare=False)

    def holds(self, file: KeptFile) -> bool:
        """Whether a file is what is asked for here."""
        return self._names(file) == self.wanted

    def _names(self, file: KeptFile) -> bool:
        match self.operator, self.value:
            case "in", frozenset() as ids:
                return file.id in ids
            case "file", str(name):
                return name in fold(file.path.name)
            case "folder", str(part):
                return part in f"{_folder(str(file.path.parent))}/"
            case "type", str(kind):
                return kind == file.kind or (kind.startswith(".") and file.path.name.lower().endswith(kind))
            case "before", int(moment):
                return file.mtime_ns < moment
            case "after", int(moment):
                return file.mtime_ns >= moment
        raise ValueError(self.operator)


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

    @property
    def of_senders(self) -> tuple[Condition, ...]:
        """The conditions that mails are looked through by, not files."""
        return tuple(one for one in self.conditions if one.operator == "from")

    def left_out_by(self, file: KeptFile) -> tuple[Condition, ...]:
        """The conditions for which a file is not looked through; none where it is."""
        kinds = [one for one in self.conditions if one.operator == "type" and one.wanted]
        others = [one for one in self.conditions if one not in (*kinds, *self.of_senders)]
        found = [one for one in others if not one.holds(file)]
        return (*found, *(() if any(one.holds(file) for one in kinds) else kinds))

    def among(self, files: Iterable[KeptFile], senders: Callable[[], Iterable[str]]) -> Among:
        """What is looked through, of these files and of the mails of these senders. Of several kinds, any will do."""
        documents = [file.id for file in files if not self.left_out_by(file)]
        if not self.of_senders:
            return Among(documents)
        return Among(documents, *self._mails(list(senders())))

    def only(self, documents: Iterable[int]) -> "Asked":
        """The same, asked of these documents alone."""
        return replace(self, conditions=(*self.conditions, Condition("in", frozenset(documents))))

    def _mails(self, senders: list[str]) -> tuple[list[str] | None, list[str]]:
        """Those whose mails are wanted (None: anybody's, and what is no mail), and those whose mails are not."""
        names = [(str(one.value), one.wanted) for one in self.of_senders]
        wanted = [name for name, want in names if want]
        unwanted = [name for name, want in names if not want]
        return (
            [sender for sender in senders if _one_in(wanted, sender)] if wanted else None,
            [sender for sender in senders if _one_in(unwanted, sender)],
        )


def read_search(text: str, find: FindCollection) -> Asked:
    """What a person asks for. `find` finds a collection by its name.

    Raises `TextNotAccepted` for an operator's value that stands for nothing, and what `find` raises.
    """
    never: list[str] = []

    def leave_out(value: str) -> bool:
        never.append(value)
        return bool(phrase(value))

    words, conditions = _parted(_UNFINISHED.sub("", text), find, leave_out)
    query = replace(read_query(words), never=tuple(unit for one in never if (unit := phrase(one))))
    return Asked(query=query, words=words.strip(), conditions=conditions)


def read_question(text: str, find: FindCollection) -> Asked:
    """A question: `in:` and the like limit it, and everything else in it is a word. Raises as `read_search`."""
    words, conditions = _parted(text, find, lambda _: False)
    if not words.strip():
        return just_words(text)
    return Asked(query=read_query(words), words=words.strip(), conditions=conditions)


def just_words(text: str) -> Asked:
    """A text, every word of which is a word."""
    return Asked(query=read_query(text), words=text)


# Its own affairs.


def _parted(text: str, find: FindCollection, left_out: Callable[[str], bool]) -> tuple[str, tuple[Condition, ...]]:
    """The words, and the conditions. `left_out` is given what has a minus; False: that is words, too."""
    conditions: list[Condition] = []

    def take(found: re.Match[str]) -> str:
        value, operator = (found["value"] or "").strip(QUOTES), found["operator"]
        if operator and value:
            condition = _condition(operator.lower(), value, find, wanted=not found["minus"])
            conditions.append(replace(condition, written=found.group()))
        elif operator or not found["minus"] or not left_out(value):
            return found.group()
        return ""

    return _TERM.sub(take, text), tuple(conditions)


def _condition(operator: str, value: str, find: FindCollection, *, wanted: bool) -> Condition:
    match operator:
        case "in":
            return Condition("in", find(value).documents, wanted)
        case "from":
            return Condition("from", fold(value), wanted)
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


def _one_in(names: Iterable[str], sender: str) -> bool:
    folded = fold(sender)
    return any(name in folded for name in names)


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
