"""What a smaller model lost: both read the same text, and what they expect at each place of it is compared.

The text is cut and judged as llama-perplexity does it: pieces that begin anew, of each of which the second half counts,
so that there is always something before a word that it could be told from. Where both models fit into memory they read
by turns; otherwise one after the other, and what the first one expects lies on the disk meanwhile, sealed.
"""

import shutil
import statistics
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelNotUsable, ModelsNotComparable, NoRoomToMeasure
from engine.worker.model.threads import Threads
from engine.worker.quantizer.gate import Gate
from engine.worker.quantizer.kept_file import KeptFile, size_bytes
from engine.worker.quantizer.likelihoods import Judged, Kept, compared, kept, perplexity, room
from engine.worker.quantizer.reading import Reader, cut, differs

ROOM_LEFT_BYTES = 64 << 20  # on the disk beside what is kept: other programs write too
MB = 1_000_000
WRITTEN_TOKENS, FIRST_TOKENS = 36, 4  # of which the first are not like the rest
TAIL = 99  # percent


class Figures(NamedTuple):
    """How well one model foretells the text, and how fast it is: tokens a second that it reads, and writes."""

    perplexity: float
    reading_per_s: float
    writing_per_s: float


class Lost(NamedTuple):
    """`words` places of the text were judged, in `chunks` pieces of it; divergences are in nats, `same` is a share."""

    large: Figures
    small: Figures
    chunks: int
    words: int
    divergence: float
    divergence_99: float
    same: float


class Weighing:
    """One measurement of two models with one text."""

    def __init__(
        self,
        large: str,
        small: str,
        text: str,
        *,
        chunks: int,
        chunk_tokens: int,
        threads: Threads,
        gate: Gate,
        loading: Callable[[float], None],
        read: Callable[[int, int], None],
    ) -> None:
        """Of the files of both. `read` hears of how many tokens are done, of how many, both models together."""
        self._paths, self._text, self._threads, self._gate = (large, small), text, threads, gate
        self._loading, self._read = loading, read
        self._most_chunks, self._chunk_tokens = chunks, chunk_tokens
        self._first = chunk_tokens // 2
        self._rows = chunk_tokens - 1 - self._first
        self._done = 0
        self._pieces: list[list[int]] = []
        self._large, self._small = _Course(large), _Course(small)

    def together(self) -> Lost:
        """With both models in memory. Raises `TextNotAccepted`, `ModelsNotComparable`, `ModelNotUsable`."""
        with ExitStack() as open_ones:
            large = self._first_opened(open_ones)
            small = self._opened(self._paths[1], open_ones)
            place = room(self._rows, large.vocabulary.size)
            for number in range(len(self._pieces)):
                self._keep(large, number, place)
                self._compare(small, number, place)
            self._large.write(large, self._pieces[0])
            self._small.write(small, self._pieces[0])
        return self._result()

    def apart(self, to: Path) -> Lost:
        """With one model in memory at a time, and the file `to`, which is gone afterwards.

        Raises as `together`, and `NoRoomToMeasure`, `DiskFull`, `FileNotReadable`.
        """
        with ExitStack() as open_ones:
            large = self._first_opened(open_ones)
            vocabulary = large.vocabulary.size
            _check_room(to, size_bytes(len(self._pieces), self._rows, vocabulary))
            file = KeptFile(to, self._rows, vocabulary)
            file.write(len(self._pieces), lambda number, place: self._keep(large, number, place))
            self._large.write(large, self._pieces[0])
        with ExitStack() as open_ones:
            small = self._opened(self._paths[1], open_ones)
            for number, place in enumerate(file.pieces()):
                self._compare(small, number, place)
            self._small.write(small, self._pieces[0])
        to.unlink(missing_ok=True)
        return self._result()

    def _first_opened(self, open_ones: ExitStack) -> Reader:
        """The large one, once it is known that both can be compared with this text."""
        large = self._opened(self._paths[0], open_ones)
        if differs(self._paths[1], large.vocabulary):
            raise ModelsNotComparable(
                model=self._paths[1], other=self._paths[0], why="they cut texts into other tokens"
            )
        self._pieces = cut(large.tokens(self._text), self._chunk_tokens, self._most_chunks)
        return large

    def _opened(self, path: str, open_ones: ExitStack) -> Reader:
        reader = Reader(path, self._chunk_tokens, self._threads, self._loading, outcomes_from=self._first)
        open_ones.callback(reader.close)
        return reader

    def _keep(self, large: Reader, number: int, place: Kept) -> None:
        self._turn(large, self._large, number, lambda outcomes, words: kept(outcomes, words, place))

    def _compare(self, small: Reader, number: int, place: Kept) -> None:
        self._turn(small, self._small, number, lambda outcomes, words: compared(outcomes, words, place))

    def _turn(
        self,
        reader: Reader,
        course: "_Course",
        number: int,
        judge: Callable[[NDArray[np.float32], list[int]], Judged],
    ) -> None:
        self._gate.passed()
        piece = self._pieces[number]
        seconds = reader.read(piece)
        course.note(seconds, judge(reader.outcomes(), piece[self._first + 1 :]))
        self._done += len(piece)
        self._read(self._done, 2 * len(self._pieces) * self._chunk_tokens)

    def _result(self) -> Lost:
        divergences = np.concatenate([one.divergences for one in self._small.judged])
        same = np.concatenate([one.same for one in self._small.judged])
        return Lost(
            large=self._large.figures(self._chunk_tokens), small=self._small.figures(self._chunk_tokens),
            chunks=len(self._pieces), words=divergences.size, divergence=float(divergences.mean()),
            divergence_99=float(np.percentile(divergences, TAIL)), same=float(same.mean()),
        )  # fmt: skip


class _Course:
    """What is noted of one model while it reads."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.judged: list[Judged] = []
        self._reading_s: list[float] = []
        self._writing_s: list[float] = []

    def note(self, seconds: float, judged: Judged) -> None:
        """One piece more. Raises `ModelNotUsable` for a model that is broken."""
        if not (np.isfinite(judged.losses).all() and np.isfinite(judged.divergences).all()):
            raise ModelNotUsable(path=self._path, why="it made something else than numbers of a text")
        self._reading_s.append(seconds)
        self.judged.append(judged)

    def write(self, reader: Reader, piece: list[int]) -> None:
        """Have it go through the beginning of a text token by token, as whoever writes does."""
        reader.forget()
        count = min(len(piece), WRITTEN_TOKENS)
        self._writing_s = [reader.goes_on(token, at) for at, token in enumerate(piece[:count])][FIRST_TOKENS:]

    def figures(self, chunk_tokens: int) -> Figures:
        """The middle ones of its speeds: other programs take their turns. The first piece still comes from the disk."""
        losses = np.concatenate([one.losses for one in self.judged])
        return Figures(
            perplexity=perplexity(losses), reading_per_s=chunk_tokens / statistics.median(self._reading_s[1:]),
            writing_per_s=1 / statistics.median(self._writing_s),
        )  # fmt: skip


def _check_room(to: Path, need_bytes: int) -> None:
    need, free = need_bytes + ROOM_LEFT_BYTES, shutil.disk_usage(to.parent).free
    if free < need:
        raise NoRoomToMeasure(where=str(to.parent), need_mb=need / MB, free_mb=free / MB)
