"""Who has which model loaded, who waits for a place, and who leaves.

Whoever wants an answer brings a wish. It is granted at once where the model is loaded as wished. Otherwise wishes
are granted in the order in which they came, as soon as their model fits: idle models leave for it, the one that was
used longest ago first; where those at work are in the way, the one used longest ago lets nobody else sit down, and
leaves when its answers are written. So nobody is turned away who only has to wait, and nobody waits for ever. Only
what would not fit even if all others were gone is refused.

Idle models also leave after the time that was set for them, and when memory runs short for the rest of the computer.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from dataclasses import replace as changed

from engine.errors import Cancelled, NotEnoughMemory
from engine.events import Event, ModelLoading
from engine.loading import LoadOptions
from engine.operation import Cancel
from engine.runtime import fit as memory
from engine.runtime.measures import File
from engine.runtime.process import Process
from engine.runtime.seat import Seat
from engine.types import Fit, Model, ModelFacts, Resident

LOOK_S = 0.1  # how often one who waits looks whether memory has become free
TEND_S = 5.0  # how often idle models are looked after
MOST_LOADED = 8  # however much memory there is
GIB = 1 << 30


@dataclass(eq=False)
class Wish:
    """A model to be loaded as `options` have it, and how far its wish has come."""

    model: Model
    files: tuple[File, ...]
    options: LoadOptions
    threads: int
    projector: File | None = None  # with which the model is to see pictures
    facts: ModelFacts | None = None  # as its file is now; None until a load is needed
    placeless: bool = False  # it needs a place of its own: those after it who do, come after it
    awaits: Seat | None = None  # at work, and to leave for it


class Seats:
    """The places. Every method from any thread; `close` ends it."""

    def __init__(
        self,
        examined: Callable[[Model], ModelFacts],
        need: Callable[[Wish, int], Fit],
        parting: Callable[..., None],
        *,
        most_loaded: int = MOST_LOADED,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`examined` reads a model's files before it is loaded, and raises where it cannot be.

        `need` says whether a wish fits beside so many bytes promised to others. `parting` is called with the seats
        whose processes are about to end.
        """
        self._examined, self._need, self._parting = examined, need, parting
        self._most_loaded, self._now = most_loaded, now
        self._seats: dict[int, Seat] = {}
        self._wishes: list[Wish] = []  # that are not granted yet, the oldest first
        self._anyway: set[int] = set()
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._tending: threading.Thread | None = None

    def taken(self, wish: Wish, cancel: Cancel) -> Generator[Event, None, Seat]:
        """A seat for one job, given back with `leave`. One without a process is still to be loaded by whoever got it.

        Yields ModelLoading while it waits. Raises `Cancelled`, `NotEnoughMemory`, and as `examined`.
        """
        told = False
        with self._changed:
            self._wishes.append(wish)
        try:
            while True:
                cancel.check()
                seat, gone = self._granted(wish)
                if seat is not None:
                    return seat
                if gone is not None:
                    self._part_with(gone)
                elif wish.facts is None:
                    wish.facts = self._examined(wish.model)
                elif not told and wish.awaits is not None:
                    told = True
                    yield ModelLoading(model=wish.model.name, waits_for=wish.awaits.name)
        finally:
            with self._changed:
                self._wishes.remove(wish)
                self._changed.notify_all()

    def leave(self, seat: Seat) -> None:
        """Give a seat back; one without a living process, or unloaded meanwhile, is taken away."""
        with self._changed:
            seat.jobs -= 1
            seat.used_at = self._now()
            stays = not seat.let_go and seat.process is not None and seat.process.alive
            if not stays and self._seats.get(seat.model_id) is seat:
                del self._seats[seat.model_id]
            self._changed.notify_all()
        if not stays:
            seat.close()

    def loaded(self, seat: Seat, process: Process) -> None:
        """The model is loaded in `process`: others may sit down."""
        with self._changed:
            seat.process = process
            self._changed.notify_all()

    def residents(self) -> tuple[Resident, ...]:
        """The models whose process lives, the most recently used first."""
        with self._changed:
            alive = [seat for seat in self._seats.values() if seat.process is not None and seat.process.alive]
        return tuple(seat.resident(self._now()) for seat in sorted(alive, key=lambda seat: -seat.used_at))

    def unload(self, model_id: int) -> None:
        """Let a model's process go. An answer it is writing ends as if it had been stopped."""
        with self._changed:
            seat = self._seats.pop(model_id, None)
            if seat is not None:
                seat.let_go = True
            self._changed.notify_all()
        if seat is not None:
            self._part_with(seat)

    def load_anyway(self, model_id: int) -> None:
        """The next time this model is loaded, it may need more memory than is free."""
        with self._changed:
            self._anyway.add(model_id)

    def tend(self) -> None:
        """Let idle models go whose time has come; and the one used longest ago where memory is short."""
        short = memory.free_bytes() == 0
        with self._changed:
            now, idle = self._now(), self._idle()
            leaving = [seat for seat in idle if seat.leaves_at() <= now] or (idle[:1] if short else [])
            for seat in leaving:
                del self._seats[seat.model_id]
            self._changed.notify_all()
        self._part_with(*leaving)

    def close(self) -> None:
        """End every process."""
        with self._changed:
            self._over.set()
            seats, self._seats = list(self._seats.values()), {}
            for seat in seats:
                seat.let_go = True
            self._changed.notify_all()
            tending = self._tending
        self._part_with(*seats)
        if tending is not None:
            tending.join()

    def _part_with(self, *seats: Seat) -> None:
        """End the processes of seats, when what is to be kept of them is."""
        self._parting(*seats)
        for seat in seats:
            seat.close()

    # Granting a wish.

    def _granted(self, wish: Wish) -> tuple[Seat | None, Seat | None]:
        """The seat for a wish, or one that leaves for it and is to be closed. With neither, it has waited a little."""
        with self._changed:
            if self._over.is_set():
                raise Cancelled
            seat, gone = self._joined(wish), None
            if seat is None and wish.facts is not None:
                seat, gone = self._placed(wish)
                if seat is None and gone is None:
                    self._changed.wait(LOOK_S)
            return seat, gone

    def _joined(self, wish: Wish) -> Seat | None:
        """The seat that has the model loaded as wished, unless someone who came before waits for it."""
        seat = self._seats.get(wish.model.id)
        if seat is None or not seat.serves(wish.files, wish.options, wish.projector):
            return None
        if any(other.model.id == wish.model.id or other.awaits is seat for other in self._before(wish)):
            return None
        seat.jobs += 1
        seat.options = changed(seat.options, unload_after_minutes=wish.options.unload_after_minutes)
        return seat

    def _placed(self, wish: Wish) -> tuple[Seat | None, Seat | None]:
        """A new seat for the wish, or who leaves for it."""
        before = list(self._before(wish))
        if any(other.model.id == wish.model.id for other in before):
            return None, None
        present = self._seats.get(wish.model.id)
        if present is not None:  # loaded otherwise, being loaded, or its process is gone
            return None, None if present.jobs else self._seats.pop(wish.model.id)
        wish.placeless = True
        if any(other.placeless for other in before):
            return None, None
        promised = sum(seat.need_bytes for seat in self._seats.values() if seat.process is None)
        found, idle = self._need(wish, promised), self._idle()
        anyway = wish.model.id in self._anyway
        if (found.fits and len(self._seats) < self._most_loaded) or (anyway and not idle):
            self._anyway.discard(wish.model.id)
            return self._seated(wish, found), None
        held = sum(seat.need_bytes for seat in self._seats.values())
        if not anyway and found.need_bytes > found.free_bytes + held:
            raise refusal(wish.model, found)
        if idle:
            return None, self._seats.pop(idle[0].model_id)
        if not self._seats:
            raise refusal(wish.model, found)
        wish.awaits = min(self._seats.values(), key=lambda seat: seat.used_at)
        return None, None

    def _seated(self, wish: Wish, found: Fit) -> Seat:
        model = wish.model
        seat = self._seats[model.id] = Seat(
            model.id, model.name, model.path, wish.files, wish.options, wish.threads, used_at=self._now(),
            need_bytes=found.need_bytes, too_large=not found.fits, projector=wish.projector,
        )  # fmt: skip
        if self._tending is None:
            self._tending = threading.Thread(target=self._tend, name="idle models", daemon=True)
            self._tending.start()
        return seat

    def _before(self, wish: Wish) -> Iterator[Wish]:
        """The wishes that came before this one and are not granted yet."""
        for other in self._wishes:
            if other is wish:
                return
            yield other

    def _idle(self) -> list[Seat]:
        """Those at no work, the one used longest ago first."""
        return sorted((seat for seat in self._seats.values() if not seat.jobs), key=lambda seat: seat.used_at)

    def _tend(self) -> None:
        while not self._over.wait(TEND_S):
            self.tend()


def refusal(model: Model, found: Fit) -> NotEnoughMemory:
    """That the model does not fit, with the figures."""
    return NotEnoughMemory(
        model=model.name, model_id=model.id, need_gib=found.need_bytes / GIB, free_gib=found.free_bytes / GIB,
        context_tokens=found.context_tokens, fitting_tokens=found.fitting_tokens,
    )  # fmt: skip
