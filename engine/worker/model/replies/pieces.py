"""A piece of a reply, and what every parser of replies offers."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

MOST_CALL = 64 * 1024  # characters of one stretch that may turn out to be calls


class Call(NamedTuple):
    """One call of a tool; `arguments` is a JSON object as text."""

    name: str
    arguments: str


class Piece(NamedTuple):
    """`kind` is "text", "thought", "call" or "mark" (what stands between them and is shown to nobody).

    `raw` is what the model wrote; for "text" and "thought" it is what is shown.
    """

    kind: str
    raw: str
    calls: tuple[Call, ...] = ()


Prefix = list[tuple[str, bool]]  # (text, whether it may hold control tokens)


class ReplyParser(Protocol):
    """Takes a reply as it comes. The same text gives the same pieces, but for where one is cut in two."""

    marks: frozenset[str]  # the tokens whose spelling it must see
    thoughts: tuple[str, ...]  # the marks with which a thought may open where the answer would begin

    @property
    def answering(self) -> bool:
        """Whether what comes next is the answer, unless a mark comes."""

    def add(self, text: str) -> list[Piece]:
        """What `text` adds that is certain by now."""

    def begin(self, thoughts: str, text: str) -> Prefix:
        """How the model spells a reply that begins so, as parts of its prompt. What is added next goes on from there.

        Raises `ValueError` where there is no telling.
        """

    def finish(self) -> list[Piece]:
        """The rest, when the reply has ended."""


Reads = Callable[[str], "tuple[Call, ...] | None"]  # the calls in a stretch, None where it is not well formed


def called(read: Reads, body: str, raw: str) -> Piece:
    """The calls of a stretch, or the stretch as the text it then is."""
    calls = read(body) if len(body) <= MOST_CALL else None
    return Piece("call", raw, calls) if calls else Piece("text", raw)


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours of one kind as one piece; pieces of calls stay as they are, empty ones go."""
    found: list[Piece] = []
    for piece in pieces:
        if not piece.raw and not piece.calls:
            continue
        if found and found[-1].kind == piece.kind != "call":
            found[-1] = Piece(piece.kind, found[-1].raw + piece.raw)
        else:
            found.append(piece)
    return found


def stepped(step: Callable[[list[Piece]], bool]) -> list[Piece]:
    """The pieces that a parser's steps find, until one says that there is no more to be certain of."""
    found: list[Piece] = []
    while step(found):
        pass
    return joined(found)


def first_mark(text: str, marks: Sequence[str]) -> tuple[int, str] | None:
    """Where the first mark to be complete stands, and which it is; so it is found whatever the cuts."""
    found = [(at + len(mark), at, mark) for mark in marks if (at := text.find(mark)) >= 0]
    if not found:
        return None
    _, at, mark = min(found)
    return at, mark


def begun(text: str, marks: Sequence[str]) -> int:
    """How many letters at the end of `text` may be the beginning of a mark."""
    most = 0
    for mark in marks:
        sizes = range(min(len(mark) - 1, len(text)), most, -1)
        most = next((size for size in sizes if text.endswith(mark[:size])), most)
    return most
