"""What texts cost in tokens, by the model's own vocabulary; asked of its process once and then remembered.

Kept in memory only, and of each text only a digest: a long chat costs one question for what is new in it.
"""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.types import Turn

MOST_KEPT = 50_000  # counts, of all models together: some 10 MB
MOST_AT_ONCE = 1 << 20  # characters in one request, so that an answer beside it hardly waits
TURN_TOKENS = 8  # what a chat template puts around one turn, where nobody has asked it
PICTURE_TOKENS = 300  # of one picture, where nobody has asked
_NARROW = 3.6  # characters of Latin text for one token, a little under what vocabularies reach

File = tuple[str, int, int]  # path, bytes, moment of change: another file of the same name is another model


def identity(path: Path) -> File:
    """The same as long as the file is: a mended file gets a fresh chance."""
    try:
        found = os.stat(path)
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_size, found.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Frame:
    """About how many tokens the template adds: to each turn, and once to the whole."""

    turn_tokens: int = TURN_TOKENS
    fixed_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What each of some turns costs. One that was not counted is estimated."""

    tokens: Mapping[Turn, int] = field(default_factory=dict)
    frame: Frame = Frame()

    def text(self, turn: Turn) -> int:
        """The tokens of its words alone."""
        found = self.tokens.get(turn)
        return estimated_tokens(turn.text) + PICTURE_TOKENS * len(turn.pictures) if found is None else found

    def whole(self, turn: Turn) -> int:
        """With what the template puts around it."""
        return self.text(turn) + self.frame.turn_tokens


class Measures:
    """The counts of every model so far. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[File, bytes], int] = OrderedDict()
        self._frames: dict[File, Frame] = {}

    def unknown(self, file: File, turns: Iterable[Turn]) -> tuple[Turn, ...]:
        """Those of `turns` that have to be asked for, each once; none where all is known."""
        with self._lock:
            return tuple(turn for turn in dict.fromkeys(turns) if (file, _digest(turn)) not in self._kept)

    def keep(self, file: File, turns: Sequence[Turn], tokens: Sequence[int], frame: Frame) -> None:
        """Remember what the process said; the longest unused go first."""
        with self._lock:
            self._frames[file] = frame
            for turn, count in zip(turns, tokens, strict=True):
                self._kept[file, _digest(turn)] = count
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def costs(self, file: File, turns: Iterable[Turn]) -> Costs:
        """What is known of `turns`."""
        tokens = {}
        with self._lock:
            for turn in turns:
                key = file, _digest(turn)
                if key in self._kept:
                    self._kept.move_to_end(key)
                    tokens[turn] = self._kept[key]
            return Costs(tokens=tokens, frame=self._frames.get(file, Frame()))


def in_lots(turns: Sequence[Turn]) -> list[tuple[Turn, ...]]:
    """Turns in lots of at most `MOST_AT_ONCE` characters, or of one turn that is longer."""
    lots: list[tuple[Turn, ...]] = []
    lot: list[Turn] = []
    length = 0
    for turn in turns:
        if lot and length + len(turn.text) > MOST_AT_ONCE:
            lots.append(tuple(lot))
            lot, length = [], 0
        lot.append(turn)
        length += len(turn.text)
    return [*lots, tuple(lot)] if lot else lots


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has: 3.6 narrow characters, or one wide character, each."""
    narrow = sum(character < "\u2e80" for character in text)
    return int(narrow / _NARROW) + len(text) - narrow + 1


def _digest(turn: Turn) -> bytes:
    """An answer is counted without its thoughts, so who speaks matters; of pictures only the size does."""
    sizes = "".join(f"{picture.width}x{picture.height}\0" for picture in turn.pictures)
    return hashlib.blake2b(f"{turn.role.value}\0{sizes}{turn.text}".encode(), digest_size=16).digest()
