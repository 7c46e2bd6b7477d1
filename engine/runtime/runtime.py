"""Which models are loaded, each in a process of its own, and answers from them.

Owns the seats: at most `most_loaded` model processes, any number of generations at once in each. The
least recently used idle one leaves when another model needs its place or its memory. A process
that dies takes its own generations along and nothing else; the next ask starts a fresh one. A
file that keeps killing its process is not tried again until the program starts anew.
"""

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path

from engine import wire
from engine.errors import (
    Cancelled,
    EngineError,
    MemoryRanShort,
    ModelKeepsFailing,
    NotEnoughMemory,
    WorkerDied,
    WorkerSilent,
)
from engine.events import Event, ModelLoading, PromptRead, TextAdded, ThoughtAdded, TokenWeighed, ToolCalled
from engine.loading import LoadOptions, fields_of, options_of
from engine.operation import Cancel, Operation, Result
from engine.runtime.fit import fit, free_bytes
from engine.runtime.gguf import must_adapt, must_chat, read_facts
from engine.runtime.measures import Costs, File, Frame, Measures, in_lots
from engine.runtime.pressure import Pressure
from engine.runtime.process import Process
from engine.runtime.seat import Seat, files_of, identity, loaded_with
from engine.sampling import Odds, check, figures_of
from engine.types import MessageState, Model, Speed, Turn, Wanted, Written

LOAD_SILENT_S = 600.0  # a model larger than memory's cache, from a slow disk, reports seldom
GENERATE_SILENT_S = 300.0  # the slowest healthy step is one chunk of a prompt on a weak machine
MOST_DEATHS = 2
NICENESS = 5  # the window and other programs come first; alone on the computer, a model is as fast as ever
ENDS = {"end": MessageState.COMPLETE, "stopped": MessageState.STOPPED, "cut": MessageState.CUT}


class Runtime:
    """Loads models and has them write. One for the program; every method from any thread."""

    def __init__(
        self,
        private: Path,
        *,
        module: str = "engine.worker.model",
        most_loaded: int = 2,
        silent_s: float = GENERATE_SILENT_S,
        pressure: Pressure | None = None,
        troubled: Callable[[EngineError], None] = lambda _: None,
    ) -> None:
        """Start nothing yet. `private` is the processes' home; `module` is what they run.

        `troubled` hears of every answer that fails, for the log: a chat keeps the reason and goes on.
        """
        self._private = private
        self._module = module
        self._most_loaded = most_loaded
        self._silent_s = silent_s
        self._seats: dict[int, Seat] = {}
        self._claims: dict[int, int] = {}  # by model, who waits for its seat to be idle: nobody sits down before them
        self._changed = threading.Condition()
        self._uses = 0
        self._deaths: dict[tuple[File, ...], int] = {}  # by what was loaded: an adapter may be to blame
        self._measures = Measures()
        self._anyway: set[int] = set()
        self._pressure = pressure or Pressure()
        self._troubled = troubled
        self._closed = False

    def generate(self, model: Model, turns: Sequence[Turn], wanted: Wanted, cancel: Cancel) -> Operation[Written]:
        """Have `model` answer the last of `turns`, loading it first where needed.

        Yields ModelLoading, PromptRead, ThoughtAdded and TextAdded, and ToolCalled and TokenWeighed where
        they are wanted. A Stop before any text raises `Cancelled`; a later one returns what there is, with the
        state STOPPED. Raises `TextNotAccepted` for a figure out of its limits, the errors of the check before loading
        (`ModelDamaged`, `FileMissing` …), `NotEnoughMemory`, `MemoryRanShort`,
        `ModelNotUsable`, `ModelKeepsFailing`, `PromptTooLong`, `WorkerDied`, `WorkerSilent`,
        `WorkerKeepsDying`.
        """
        check(wanted)
        written = yield from self._seated(
            model, wanted, cancel, lambda seat: self._write(seat, model, turns, wanted, cancel)
        )
        self._deaths.pop(files_of(model), None)
        return written

    def measure(self, model: Model, turns: Sequence[Turn], wanted: Wanted, cancel: Cancel) -> Operation[Costs]:
        """What each of `turns` costs. Only what was never counted is asked of the model, loaded first where needed.

        Yields ModelLoading; raises as `generate`.
        """
        file = identity(model.path)
        if unknown := self._measures.unknown(file, turns):
            yield from self._seated(model, wanted, cancel, lambda seat: self._count(seat, file, unknown, cancel))
        return self._measures.costs(file, turns)

    def loaded(self) -> tuple[int, ...]:
        """The ids of the models whose process lives, the most recently used first."""
        with self._changed:
            alive = [seat for seat in self._seats.values() if seat.process is not None and seat.process.alive]
        return tuple(seat.model_id for seat in sorted(alive, key=lambda seat: -seat.used_at))

    def unload(self, model_id: int) -> None:
        """Let a model's process go. An answer it is writing ends as if it had been stopped."""
        with self._changed:
            seat = self._seats.pop(model_id, None)
            if seat is not None:
                seat.let_go = True
            self._changed.notify_all()
        if seat is not None:
            seat.close()

    def load_anyway(self, model_id: int) -> None:
        """The next time this model is loaded, it may need more memory than is free."""
        with self._changed:
            self._anyway.add(model_id)

    def free_bytes(self) -> int:
        """Memory that a new process could have now, in bytes."""
        return free_bytes()

    def close(self) -> None:
        """End every process."""
        with self._changed:
            self._closed = True
            seats, self._seats = list(self._seats.values()), {}
            for seat in seats:
                seat.let_go = True
            self._changed.notify_all()
        for seat in seats:
            seat.close()

    # Seats.

    def _seated(
        self, model: Model, wanted: Wanted, cancel: Cancel, work: Callable[[Seat], Generator[Event, None, Result]]
    ) -> Operation[Result]:
        """Do `work` in a seat whose model is loaded."""
        files = files_of(model)
        if self._deaths.get(files, 0) >= MOST_DEATHS:
            raise ModelKeepsFailing(model=model.name, times=self._deaths[files])
        seat = self._take(model, files, wanted, cancel)
        try:
            if seat.process is None:
                yield from self._load(seat, model, cancel)
            return (yield from work(seat))
        except EngineError as error:
            if isinstance(error, WorkerDied | WorkerSilent):
                self._count_death(seat)
            self._troubled(error)
            raise
        finally:
            self._leave(seat)

    def _take(self, model: Model, files: tuple[File, ...], wanted: Wanted, cancel: Cancel) -> Seat:
        """A seat for this generation; waits for one. One without a process is still to be loaded by it."""
        options = _options(model, wanted)
        claimed = False
        try:
            while True:
                cancel.check()
                gone: Seat | None = None
                with self._changed:
                    if self._closed:
                        raise Cancelled
                    seat = self._seats.get(model.id)
                    if self._claims.get(model.id) and not claimed:
                        pass
                    elif seat is not None and seat.serves(files, options):
                        seat.jobs += 1
                        return seat
                    elif seat is not None and not seat.jobs:
                        gone = self._seats.pop(model.id)
                    elif seat is None and len(self._seats) >= self._most_loaded:
                        gone = self._pop_idle()
                    elif seat is None:
                        self._seats[model.id] = seat = Seat(
                            model.id, model.path, files, options, wanted.threads, used_at=self._next_use()
                        )
                        return seat
                    elif seat.process is not None and not claimed:
                        self._claims[model.id] = self._claims.get(model.id, 0) + 1
                        claimed = True
                    if gone is None:
                        self._changed.wait(0.1)
                if gone is not None:
                    gone.close()
        finally:
            if claimed:
                with self._changed:
                    self._claims[model.id] -= 1
                    self._changed.notify_all()

    def _leave(self, seat: Seat) -> None:
        """Give the seat back; one without a living process, or unloaded meanwhile, is taken away."""
        with self._changed:
            seat.jobs -= 1
            seat.used_at = self._next_use()
            stays = not seat.let_go and seat.process is not None and seat.process.alive
            if not stays and self._seats.get(seat.model_id) is seat:
                del self._seats[seat.model_id]
            self._changed.notify_all()
        if not stays:
            seat.close()

    def _pop_idle(self) -> Seat | None:
        idle = [seat for seat in self._seats.values() if not seat.jobs]
        return self._seats.pop(min(idle, key=lambda seat: seat.used_at).model_id) if idle else None

    def _count_death(self, seat: Seat) -> None:
        with self._changed:
            if not seat.death_counted:
                seat.death_counted = True
                self._deaths[seat.files] = self._deaths.get(seat.files, 0) + 1

    def _next_use(self) -> int:
        self._uses += 1
        return self._uses

    # One generation.

    def _load(self, seat: Seat, model: Model, cancel: Cancel) -> Generator[Event, None, None]:
        yield ModelLoading(model=model.name)
        need_bytes = self._check(seat, model)
        process = Process("model", self._module, private=self._private, niceness=NICENESS)
        try:
            request = wire.Load(
                path=str(seat.path), threads=seat.threads, need_bytes=need_bytes, **fields_of(seat.options),
                adapters=tuple(path for path, _, _ in seat.files[1:]),
            )  # fmt: skip
            for report in self._watched(seat, process, model, process.ask(request, cancel, silent_s=LOAD_SILENT_S)):
                if seat.let_go:
                    raise Cancelled
                if isinstance(report, wire.Loading):
                    yield ModelLoading(model=model.name, fraction=report.fraction)
                elif isinstance(report, wire.Loaded):
                    seat.loaded = report
        except BaseException:
            process.end()
            process.close()
            raise
        with self._changed:
            seat.process = process
            self._changed.notify_all()

    def _check(self, seat: Seat, model: Model) -> int:
        """The file must be well now, and fit; idle models make room for it. The bytes it will need."""
        facts = read_facts(seat.path)
        must_chat(seat.path, facts)
        adapters = loaded_with(model)
        must_adapt(adapters, model)
        anyway = model.id in self._anyway
        self._anyway.discard(model.id)
        facts = replace(model, facts=facts).weighed
        while not (found := fit(facts, seat.options)).fits:
            with self._changed:
                gone = self._pop_idle()
            if gone is not None:
                gone.close()
            elif anyway:
                break
            else:
                gib = 1 << 30
                raise NotEnoughMemory(
                    model=model.name, model_id=model.id, need_gib=found.need_bytes / gib,
                    free_gib=found.free_bytes / gib, context_tokens=found.context_tokens,
                    fitting_tokens=found.fitting_tokens,
                )  # fmt: skip
        return found.need_bytes

    def _watched(
        self, seat: Seat, process: Process, model: Model, reports: Generator[wire.Message, None, None]
    ) -> Generator[wire.Message, None, None]:
        """The reports of a job that is ended before the computer freezes. Raises `MemoryRanShort`."""

        def end() -> None:
            seat.ran_short = True
            process.end()

        with self._pressure.watching(end):
            try:
                yield from reports
            except WorkerDied:
                if seat.ran_short:
                    raise MemoryRanShort(model=model.name) from None
                raise

    def _count(self, seat: Seat, file: File, turns: Sequence[Turn], cancel: Cancel) -> Generator[Event, None, None]:
        """Have the process count what is not known, and remember it."""
        yield from ()
        assert seat.process is not None
        for lot in in_lots(turns):
            request = wire.Measure(messages=tuple(map(_told, lot)))
            try:
                *_, report = seat.process.ask(request, cancel, silent_s=self._silent_s)
            except WorkerDied:
                if not seat.let_go:
                    raise
                raise Cancelled from None
            if not isinstance(report, wire.Measured) or len(report.tokens) != len(lot) or min(report.tokens) < 0:
                seat.process.end()
                raise WorkerDied(process=seat.process.name, how="it counted something else than it was asked for")
            self._measures.keep(file, lot, report.tokens, Frame(report.turn_tokens, report.fixed_tokens))

    def _write(
        self, seat: Seat, model: Model, turns: Sequence[Turn], wanted: Wanted, cancel: Cancel
    ) -> Generator[Event, None, Written]:
        assert seat.process is not None
        if seat.threads != wanted.threads:
            seat.process.tell(wire.SetThreads(threads=wanted.threads))
            seat.threads = wanted.threads
        request = wire.Generate(
            messages=tuple(map(_told, turns)), tools=wanted.tools, thinking=wanted.thinking,
            max_tokens=wanted.answer_tokens, strengths=seat.strengths(model), **figures_of(wanted),
        )  # fmt: skip
        written = Written(text="", state=MessageState.STOPPED, speed=Speed(), template=seat.loaded.template)
        pieces: list[str] = []
        thoughts: list[str] = []
        calls: list[tuple[str, str]] = []
        try:
            reports = seat.process.ask(request, cancel, silent_s=self._silent_s)
            for report in self._watched(seat, seat.process, model, reports):
                if isinstance(report, wire.Reading):
                    yield PromptRead(done=report.done, total=report.total)
                elif isinstance(report, wire.Token) and report.thought:
                    thoughts.append(report.text)
                    yield ThoughtAdded(text=report.text)
                elif isinstance(report, wire.Called):
                    calls.append((report.name, report.arguments))
                    yield ToolCalled(name=report.name, arguments=report.arguments)
                elif isinstance(report, wire.Token):
                    pieces.append(report.text)
                    yield TextAdded(text=report.text)
                elif isinstance(report, wire.Weighed):
                    yield TokenWeighed(odds=Odds(
                        text=report.text, log_probability=report.log_probability, others=report.others
                    ))  # fmt: skip
                elif isinstance(report, wire.Done):
                    state = ENDS.get(report.end, MessageState.CUT)  # an end that nobody knows is none
                    written = replace(
                        written, state=state, speed=_speed(report), template=report.template,
                        template_why=report.template_why,
                    )  # fmt: skip
        except Cancelled:
            pass
        except WorkerDied:
            if not seat.let_go:
                raise
        if not (pieces or thoughts or calls) and written.state is MessageState.STOPPED:
            raise Cancelled
        return replace(written, text="".join(pieces), thoughts="".join(thoughts).rstrip(), calls=tuple(calls))


def _told(turn: Turn) -> dict[str, str]:
    """A turn as templates name its parts."""
    thoughts = {"reasoning_content": turn.thoughts} if turn.thoughts else {}
    return {"role": turn.role.value, "content": turn.text, **thoughts}


def _options(model: Model, wanted: Wanted) -> LoadOptions:
    """How the model is to be loaded: with no more context than it was trained on."""
    most_tokens = model.facts.context_tokens or wanted.context_tokens
    return replace(options_of(wanted), context_tokens=min(wanted.context_tokens, most_tokens))


def _speed(done: wire.Done) -> Speed:
    return Speed(
        prompt_tokens=done.prompt_tokens, reused_tokens=done.reused_tokens, tokens=done.tokens,
        first_token_s=done.first_token_s, tokens_per_s=done.tokens_per_s,
        reading_tokens_per_s=done.reading_tokens_per_s, total_s=done.total_s, peak_bytes=done.peak_bytes,
        threads=done.threads,
    )  # fmt: skip
