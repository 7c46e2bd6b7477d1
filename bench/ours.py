"""The engine as the chat page asks it, with a clock around all of it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from engine.errors import Cancelled
from engine.events import PromptRead, TextAdded
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.runtime.gguf import read_facts
from engine.runtime.keeper import Keeper
from engine.runtime.states import States
from engine.types import Model, ModelOrigin, Role, Turn, Wanted, Written

WARM_WORDS = 512  # as many tokens as are read at once


def wanted(tokens: int, threads: int, *, context_tokens: int = 1024) -> Wanted:
    """An answer of so many tokens, with the figures that a new chat has and no seed."""
    return Wanted(context_tokens=context_tokens, answer_tokens=tokens, temperature=0.7, threads=threads)


class Timed(NamedTuple):
    """One answer. `read_s` runs from the call to the end of reading, `writing_s` from there to the end.

    `pieces` are the moments at which text came, in seconds after the call.
    """

    written: Written
    read_s: float
    writing_s: float
    pieces: tuple[float, ...]


class Ours:
    """One model in one process, which is loaded at the first ask."""

    def __init__(self, path: Path, private: Path, module: str = "engine.worker.model") -> None:
        """`module` is what the process runs."""
        self.model = Model(
            id=1, name=path.stem, path=path, origin=ModelOrigin.DISK, facts=read_facts(path),
            added_at="2026-01-01T00:00:00Z",
        )  # fmt: skip
        self._private, self._module = private, module
        self._states = States(private / "states", bytes(32), lambda: 1 << 40)
        self._asked = 0
        self.written_at = self.read_at = 0  # tokens that stood before what was last written, and read
        self.runtime = Runtime(private, module=module, keeper=Keeper(self._states, parting_s=60.0))

    def start_anew(self) -> None:
        """A new process loads the model at the next ask; what was read of a chat is kept for it."""
        self.runtime.close()
        self.runtime = Runtime(self._private, module=self._module, keeper=Keeper(self._states, parting_s=60.0))

    def words(self, count: int) -> Turn:
        """A question of `count` words, different from the first one on each time, so that nothing read is reused."""
        self._asked += 1
        return Turn(role=Role.USER, text=f"{self._asked:05d}"[::-1] + " the" * count)

    def ask(self, turns: list[Turn], wanted: Wanted, cancel: Cancel | None = None, chat_id: int = 0) -> Timed:
        """One answer, in a chat that is kept where its id is above 0."""
        operation = self.runtime.generate(self.model, turns, wanted, cancel or Cancel(), chat_id)
        started = read_at = time.perf_counter()
        pieces: list[float] = []
        try:
            while True:
                event = next(operation)
                if isinstance(event, PromptRead) and not pieces:  # what a form gives is read in the midst of an answer
                    read_at = time.perf_counter()
                elif isinstance(event, TextAdded):
                    pieces.append(time.perf_counter() - started)
        except StopIteration as end:
            return Timed(end.value, read_at - started, time.perf_counter() - read_at, tuple(pieces))

    def writing(self, threads: int, tokens: int) -> float:
        """Tokens a second of an answer of so many, from the end of reading to its end, in a new process."""
        self.start_anew()
        self.ask([self.words(8)], wanted(1, threads))  # warms up, as theirs does
        timed = self.ask([self.words(8)], wanted(tokens, threads))
        self.written_at = timed.written.speed.prompt_tokens
        return (timed.written.speed.tokens - 1) / timed.writing_s

    def reading(self, threads: int, tokens: int) -> float:
        """Tokens a second of a prompt of so many, from the call to the end of an answer of one, in a new process."""
        self.start_anew()
        asked = wanted(1, threads, context_tokens=max(1024, 2 * tokens))
        self.ask([self.words(8)], asked)
        warm = min(tokens, WARM_WORDS)
        speed = self.ask([self.words(warm)], asked).written.speed  # warms up, as theirs does
        words = tokens - (speed.prompt_tokens - speed.reused_tokens - warm)  # the template has tokens of its own
        timed = self.ask([self.words(words)], asked)
        self.read_at = timed.written.speed.reused_tokens
        if timed.written.speed.prompt_tokens - self.read_at != tokens:
            raise RuntimeError(f"{words} words are not the {tokens} tokens that were to be read")
        return tokens / (timed.read_s + timed.writing_s)

    def ask_all(self, turns: list[Turn], wanted: Wanted) -> float:
        """An answer to each of `turns` at once; the tokens of all, per second of the whole."""
        began = time.perf_counter()
        with ThreadPoolExecutor(len(turns)) as pool:
            written = sum(
                timed.written.speed.tokens for timed in pool.map(lambda turn: self.ask([turn], wanted), turns)
            )
        return written / (time.perf_counter() - began)

    def stopped(self, turns: list[Turn], wanted: Wanted, event: type, after_s: float) -> float:
        """Seconds from Stop until the answer has ended; pressed `after_s` after the first event of this kind."""
        cancel = Cancel()
        pressed_at: list[float] = []

        def press() -> None:
            pressed_at.append(time.perf_counter())
            cancel.press()

        timer = threading.Timer(after_s, press)
        operation = self.runtime.generate(self.model, turns, wanted, cancel)
        try:
            while True:
                if isinstance(next(operation), event) and timer.ident is None:
                    timer.start()
        except (StopIteration, Cancelled):
            ended_at = time.perf_counter()
        timer.cancel()
        if not pressed_at:
            raise RuntimeError("the answer had ended before Stop was pressed")
        return ended_at - pressed_at[0]
