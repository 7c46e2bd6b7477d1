"""When the states of chats are kept, and in whose time: never in that of an answer.

A chat is kept when it has rested for a while, or when its process is let go, and only where reading again what is
new in it since it was last kept would cost seconds. What is new of its state is copied aside in its process, which
takes some tens of milliseconds, and then fetched piece by piece while nothing is asked of that model. It is kept
stretch after stretch, so where time runs out (the window is closing) what was kept till then is of use.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from engine import wire
from engine.errors import Cancelled, EngineError, StateNotUsable
from engine.operation import Cancel
from engine.privacy.sealed_file import PIECE_BYTES
from engine.runtime.fit import free_bytes
from engine.runtime.seat import Seat
from engine.runtime.states import Belonging, KeptState, States, Stretch

REST_S = 5.0  # after an answer
WORTH_S = 2.0  # what costs less to read is read again
PARTING_S = 2.0  # for all chats of processes that are let go; the window may be waiting for it
SILENT_S = 30.0
SLOW_TOKENS_PER_S = 50.0  # of reading, where none was measured yet
MEASURED_TOKENS = 64  # fewer tell nothing of the speed
MOST_AGAIN = 512  # tokens of a stretch, as engine/worker/model/memory.py has them


@dataclass(slots=True)
class _Rest:
    """A chat that rests: what its state belongs to, how much of it is kept nowhere, and since when."""

    of: Belonging
    size_bytes: int  # about
    since: float
    tokens: int = 0
    fresh_tokens: int = 0

    @property
    def new_bytes(self) -> int:
        """About what is to be copied aside; half a stretch that was kept is kept anew."""
        return self.size_bytes * min(self.tokens, self.fresh_tokens + MOST_AGAIN) // max(1, self.tokens)


class Keeper:
    """Keeps the states of one runtime's chats. Every method from any thread."""

    def __init__(
        self, states: States, *, rest_s: float = REST_S, worth_s: float = WORTH_S, parting_s: float = PARTING_S
    ) -> None:
        """Its thread begins with the first chat that is worth it."""
        self.states = states
        self._rest_s, self._worth_s, self._parting_s = rest_s, worth_s, parting_s
        self._resting: dict[tuple[Seat, int], _Rest] = {}
        self._speeds: dict[int, float] = {}  # tokens a second that each model reads
        self._changed = threading.Condition()
        self._keeping = threading.Lock()  # a process holds one state at a time
        self._busy_with: Seat | None = None  # whose chat the thread is keeping
        self._thread: threading.Thread | None = None
        self._closed = False

    def answered(self, seat: Seat, of: Belonging, done: wire.Done, size_bytes: int) -> None:
        """An answer has ended: from now on its chat rests. Its state takes about `size_bytes`."""
        read = done.prompt_tokens - done.reused_tokens
        with self._changed:
            if read >= MEASURED_TOKENS and done.reading_tokens_per_s > 0:
                self._speeds[of.model] = done.reading_tokens_per_s
            rest = self._resting.setdefault((seat, of.chat), _Rest(of, 0, 0.0))
            rest.of, rest.since = of, time.monotonic()
            rest.fresh_tokens += read + done.tokens
            rest.size_bytes, rest.tokens = size_bytes, done.prompt_tokens + done.tokens
            if self._thread is None and not self._closed and self._worth(rest):
                self._thread = threading.Thread(target=self._keep_rested, name="states", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def parting(self, *seats: Seat) -> None:
        """The processes of these seats are about to be let go: keep what is worth it, as far as time allows."""
        until = time.monotonic() + self._parting_s
        with self._changed:
            mine = [key for key in self._resting if key[0] in seats]
            parted = [(key[0], rest) for key in mine if self._worth(rest := self._resting.pop(key))]
        for seat, rest in sorted(parted, key=lambda one: -one[1].fresh_tokens):
            left_s = until - time.monotonic()
            if left_s > 0 and self._keeping.acquire(timeout=left_s):
                try:
                    self._keep(seat, rest, until)
                finally:
                    self._keeping.release()
        with self._changed:
            self._changed.wait_for(lambda: self._busy_with not in seats, max(0.0, until - time.monotonic()))

    def forget(self, chat: int) -> None:
        """A chat is no more: what was kept of it goes."""
        with self._changed:
            for key in [key for key in self._resting if key[1] == chat]:
                del self._resting[key]
            self.states.forget(chat)

    def close(self) -> None:
        """End the thread; what it was keeping is not kept."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    # Its own affairs.

    def _worth(self, rest: _Rest) -> bool:
        seconds = rest.fresh_tokens / self._speeds.get(rest.of.model, SLOW_TOKENS_PER_S)
        return seconds >= self._worth_s

    def _keep_rested(self) -> None:
        while True:
            with self._changed:
                found = self._next()
                if self._closed:
                    return
                if found is None:
                    continue
            with self._keeping:
                self._keep(*found)
            with self._changed:
                self._busy_with = None
                self._changed.notify_all()

    def _next(self) -> tuple[Seat, _Rest] | None:
        """A chat that has rested long enough; None after waiting for one."""
        now, soonest = time.monotonic(), None
        for (seat, chat), rest in list(self._resting.items()):
            if seat.process is None or not seat.process.alive:
                del self._resting[seat, chat]
            elif self._worth(rest) and not seat.let_go:  # else it is about to part
                left_s = max(rest.since + self._rest_s - now, self._rest_s / 4 if seat.jobs else 0.0)
                if left_s <= 0:
                    self._busy_with = seat
                    return seat, self._resting.pop((seat, chat))
                soonest = left_s if soonest is None else min(soonest, left_s)
        self._changed.wait(soonest)
        return None

    def _keep(self, seat: Seat, rest: _Rest, until: float | None = None) -> None:
        """Keep what is new of one state. What cannot be kept is not: that much of the chat is then read again."""
        process, states, erasures = seat.process, self.states, self.states.erasures(rest.of.chat)
        if process is None or free_bytes() < rest.new_bytes or not states.has_room(rest.size_bytes):
            return
        try:
            kept = states.find(rest.of) or KeptState()
        except StateNotUsable:  # it is gone
            kept = KeptState()
        with suppress(Cancelled, EngineError):
            try:
                ask = wire.HoldState(chat=rest.of.chat, kept=kept.tokens, ends=kept.ends)
                *_, held = process.ask(ask, Cancel(), silent_s=SILENT_S)
                start = 0
                for stretch in _new(held, kept):
                    end = start + stretch.size_bytes
                    if not states.keep(rest.of, stretch, self._pieces(seat, start, end, until), erasures):
                        return
                    start = end
            finally:
                process.tell(wire.HoldState(chat=0))

    def _pieces(self, seat: Seat, start: int, end: int, until: float | None) -> Iterator[bytes]:
        """Fetch these bytes of what a process holds. Raises `Cancelled` where there is no time left for it."""
        assert seat.process is not None
        while start < end:
            with self._changed:
                while until is None and seat.jobs and not (self._closed or seat.let_go):
                    self._changed.wait(0.1)
                if self._closed or (until is not None and time.monotonic() > until):
                    raise Cancelled
            ask = wire.TakeState(start=start, size=min(PIECE_BYTES, end - start))
            *_, taken = seat.process.ask(ask, Cancel(), silent_s=SILENT_S)
            if not isinstance(taken, wire.StateTaken) or not taken.data:
                raise Cancelled
            start += len(taken.data)
            yield taken.data


def _new(held: wire.Message, kept: KeptState) -> Iterator[Stretch]:
    """The stretches that a process holds, behind those that are kept; none where what it tells cannot be."""
    if not isinstance(held, wire.StateHeld) or not all(size > 0 for _, size in (*held.stretches, *held.marks)):
        return
    if held.first not in (0, *kept.ends) or held.tokens[: held.first] != kept.tokens[: held.first]:
        return
    ends = [held.first, *(end for end, _ in held.stretches)]
    if sorted({*ends}) != ends or ends[-1] != len(held.tokens):
        return
    before = (0, *kept.ends).index(held.first)
    for number, (start, (end, size_bytes)) in enumerate(zip(ends, held.stretches, strict=False)):
        last = end == ends[-1]
        marks = held.marks if last else ()
        yield Stretch(
            number=before + number, before=held.tokens[:start], tokens=held.tokens[start:end],
            size_bytes=size_bytes + sum(size for _, size in marks), marks=marks,
        )  # fmt: skip
