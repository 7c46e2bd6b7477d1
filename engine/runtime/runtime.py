"""Which models are loaded, each in a process of its own, and answers from them.

Owns the processes, any number of generations at once in each; who gets a place and who leaves is `seats.py`. A
process that dies takes its own generations along and nothing else; the next ask starts a fresh one. A
file that keeps killing its process is not tried again until the program starts anew.
"""

import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path

from engine import forms, wire
from engine.errors import (
    AnswerNotGoneOnWith,
    Cancelled,
    EngineError,
    MemoryRanShort,
    ModelKeepsFailing,
    WorkerDied,
    WorkerSilent,
)
from engine.events import (
    Event,
    ModelLoading,
    PictureReached,
    PromptRead,
    TextAdded,
    ThoughtAdded,
    TokenWeighed,
    ToolCalled,
)
from engine.loading import LoadOptions, fields_of, options_of, possible
from engine.operation import Cancel, Operation, Result
from engine.runtime.battery import Battery
from engine.runtime.fit import fit, free_bytes, layer_bytes
from engine.runtime.gguf import must_adapt, must_chat, read_facts
from engine.runtime.keeper import Keeper
from engine.runtime.measures import Costs, File, Frame, Measures, identity, in_lots
from engine.runtime.paces import Speeds
from engine.runtime.peaks import Peaks
from engine.runtime.pressure import Pressure
from engine.runtime.process import Process
from engine.runtime.projector import projector_bytes, projector_for
from engine.runtime.reopening import Reopening
from engine.runtime.seat import Seat, blamed, files_of, loaded_with
from engine.runtime.seats import MOST_LOADED, Seats, Wish
from engine.runtime.telling import asked, judged, speed, told
from engine.sampling import Odds, check
from engine.types import Fit, MessageState, Model, ModelFacts, Resident, Scored, Speed, Turn, Wanted, Written

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
        vision_module: str = "engine.worker.vision",
        most_loaded: int = MOST_LOADED,
        silent_s: float = GENERATE_SILENT_S,
        pressure: Pressure | None = None,
        battery: Battery | None = None,
        keeper: Keeper | None = None,
        troubled: Callable[[EngineError], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
        peaks: Peaks | None = None,
        speeds: Speeds | None = None,
    ) -> None:
        """Start nothing yet. `private` is the processes' home; `module` is what they run, and
        `vision_module` where pictures are shown.

        `keeper` keeps what was read of chats. `troubled` hears of every answer that fails, for the log: a chat
        keeps the reason and goes on.
        """
        self._private = private
        self._modules = {"model": module, "vision": vision_module}
        self._silent_s = silent_s
        parting = keeper.parting if keeper is not None else _none_kept
        self._peaks, self._speeds = peaks, speeds
        self._seats = Seats(examined, self._needed, parting, most_loaded=most_loaded, now=now)
        self._counting = threading.Lock()
        self._deaths: dict[tuple[File, ...], int] = {}  # by what was loaded: an adapter may be to blame
        self._measures = Measures()
        self._pressure = pressure or Pressure()
        self._battery = battery or Battery()
        self._keeper = keeper
        self._troubled = troubled

    def generate(
        self, model: Model, turns: Sequence[Turn], wanted: Wanted, cancel: Cancel, chat_id: int = 0
    ) -> Operation[Written]:
        """Have `model` answer the last of `turns`, loading it first where needed.

        What it reads is kept with the chat `chat_id`, where that is above 0, and used where it was kept before.
        Yields ModelLoading, PromptRead, PictureReached, ThoughtAdded and TextAdded, and ToolCalled and TokenWeighed
        where they are wanted. A Stop before any text raises `Cancelled`; a later one returns what there is, with the
        state STOPPED. Raises `TextNotAccepted` for a figure out of its limits, `FormNotUsable`, the errors of the
        check before loading (`ModelDamaged`, `FileMissing` …), `NotEnoughMemory`, `MemoryRanShort`, `ModelNotUsable`,
        `ModelKeepsFailing`, `PromptTooLong`, `WorkerDied`, `WorkerSilent`,
        `WorkerKeepsDying`; and `ModelCannotSee`, `PictureNotUsable` for pictures.
        """
        check(wanted)
        forms.check(wanted.form)
        projector = projector_for(model, turns)
        written = yield from self._seated(
            model, wanted, cancel, lambda seat: self._write(seat, model, turns, wanted, cancel, chat_id), projector
        )
        self._deaths.pop(blamed(files_of(model), projector), None)
        return written

    def measure(self, model: Model, turns: Sequence[Turn], wanted: Wanted, cancel: Cancel) -> Operation[Costs]:
        """What each of `turns` costs. Only what was never counted is asked of the model, loaded first where needed.

        Yields ModelLoading; raises as `generate`.
        """
        file = identity(model.path)
        if unknown := self._measures.unknown(file, turns):
            yield from self._seated(
                model,
                wanted,
                cancel,
                lambda seat: self._count(seat, file, unknown, cancel),
                projector_for(model, unknown),
            )
        return self._measures.costs(file, turns)

    def score(
        self, model: Model, turns: Sequence[Turn], text: str, thoughts: str, wanted: Wanted, cancel: Cancel
    ) -> Operation[Scored]:
        """How likely `text`, after `thoughts`, is as the answer of `model` to `turns`, which hold no pictures.

        Nothing is written: the answer is read. Yields ModelLoading and PromptRead; raises as `generate`, and
        `AnswerNotGoneOnWith` where the model cannot be given an answer that is there already.
        """
        if not model.facts.may_go_on:
            raise AnswerNotGoneOnWith(model=model.name)
        return (
            yield from self._seated(
                model, wanted, cancel, lambda seat: self._weigh(seat, model, turns, text, thoughts, wanted, cancel)
            )
        )

    def residents(self) -> tuple[Resident, ...]:
        """The models whose process lives, the most recently used first."""
        return self._seats.residents()

    def loaded(self) -> tuple[int, ...]:
        """The ids of the models whose process lives, the most recently used first."""
        return tuple(resident.model_id for resident in self.residents())

    def unload(self, model_id: int) -> None:
        """Let a model's process go. An answer it is writing ends as if it had been stopped."""
        self._seats.unload(model_id)

    def forget_chat(self, chat_id: int) -> None:
        """A chat is no more: what was kept of it goes."""
        if self._keeper is not None:
            self._keeper.forget(chat_id)

    def load_anyway(self, model_id: int) -> None:
        """The next time this model is loaded, it may need more memory than is free."""
        self._seats.load_anyway(model_id)

    def tend(self) -> None:
        """Let idle models go whose time has come; done from time to time by itself."""
        self._seats.tend()

    def free_bytes(self) -> int:
        """Memory that a new process could have now, in bytes."""
        return free_bytes()

    def close(self) -> None:
        """End every process."""
        self._seats.close()
        if self._keeper is not None:
            self._keeper.close()

    # Seats.

    def _needed(self, wish: Wish, promised_bytes: int) -> Fit:
        """What a wish needs, and what is free beside what others were promised."""
        assert wish.facts is not None
        alone = len(wish.files) == 1 and wish.projector is None
        measured = self._peaks.of(wish.model, wish.options) if self._peaks and alone else 0
        more_bytes = projector_bytes(Path(wish.projector[0])) if wish.projector else 0
        return fit(wish.facts, wish.options, promised_bytes, measured).with_more(more_bytes)

    def _seated(
        self,
        model: Model,
        wanted: Wanted,
        cancel: Cancel,
        work: Callable[[Seat], Generator[Event, None, Result]],
        projector: File | None = None,
    ) -> Operation[Result]:
        """Do `work` in a seat whose model is loaded, with a projector where one is needed."""
        files = files_of(model)
        for fault, name in ((files, model.name), (blamed(files, projector), f"The projector of {model.name}")):
            if self._deaths.get(fault, 0) >= MOST_DEATHS:
                raise ModelKeepsFailing(model=name, times=self._deaths[fault])
        wish = Wish(model, files, _options(model, wanted), wanted.threads, projector)
        seat = yield from self._seats.taken(wish, cancel)
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
            self._seats.leave(seat)

    def _count_death(self, seat: Seat) -> None:
        with self._counting:
            if not seat.death_counted:
                seat.death_counted = True
                fault = blamed(seat.files, seat.projector)
                self._deaths[fault] = self._deaths.get(fault, 0) + 1

    # One generation.

    def _load(self, seat: Seat, model: Model, cancel: Cancel) -> Generator[Event, None, None]:
        yield ModelLoading(model=model.name)
        if seat.options.draft:
            read_facts(Path(seat.options.draft))  # damaged or gone, it is told before anything is loaded
        kind = "vision" if seat.projector else "model"
        process = Process(kind, self._modules[kind], private=self._private, niceness=NICENESS)
        try:
            seat.battery = self._battery.in_use()
            request = wire.Load(
                path=str(seat.path), threads=seat.threads, battery=seat.battery, need_bytes=seat.need_bytes,
                **fields_of(seat.options), adapters=tuple(path for path, _, _ in seat.files[1:]),
                projector=seat.projector[0] if seat.projector else "", layers=model.facts.layers,
                layer_bytes=layer_bytes(model.facts, seat.options),
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
        self._seats.loaded(seat, process)

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
            request = wire.Measure(messages=tuple(map(told, lot)))
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

    def _weigh(
        self, seat: Seat, model: Model, turns: Sequence[Turn], text: str, thoughts: str, wanted: Wanted, cancel: Cancel
    ) -> Generator[Event, None, Scored]:
        assert seat.process is not None
        seat.tell_threads(wanted.threads, self._battery.in_use())
        request = wire.Score(
            messages=tuple(map(told, turns)), text=text, thoughts=thoughts, thinking=wanted.thinking,
            strengths=seat.strengths(model),
        )  # fmt: skip
        try:
            reports = seat.process.ask(request, cancel, silent_s=self._silent_s)
            for report in self._watched(seat, seat.process, model, reports):
                if isinstance(report, wire.Reading):
                    yield PromptRead(done=report.done, total=report.total, context_tokens=seat.loaded.context_tokens)
                elif isinstance(report, wire.Scored):
                    return Scored(log_probability=report.log_probability, tokens=report.tokens)
        except WorkerDied:
            if not seat.let_go:
                raise
        raise Cancelled

    def _write(
        self, seat: Seat, model: Model, turns: Sequence[Turn], wanted: Wanted, cancel: Cancel, chat_id: int
    ) -> Generator[Event, None, Written]:
        assert seat.process is not None
        seat.tell_threads(wanted.threads, self._battery.in_use())
        reopening = Reopening(self._keeper, seat, model, chat_id)
        request = asked(turns, wanted, seat.strengths(model), reopening.offer())
        written = Written(text="", state=MessageState.STOPPED, speed=Speed(), template=seat.loaded.template)
        pieces: list[str] = []
        thoughts: list[str] = []
        calls: list[tuple[str, str]] = []
        try:
            reports = seat.process.ask(request, cancel, silent_s=self._silent_s)
            for report in reopening.through(self._watched(seat, seat.process, model, reports)):
                seat.tell_threads(seat.threads, self._battery.in_use())  # the plug may be pulled in mid-answer
                if isinstance(report, wire.Reading):
                    yield PromptRead(done=report.done, total=report.total, context_tokens=seat.loaded.context_tokens)
                elif isinstance(report, wire.Looking):
                    yield PictureReached(done=report.done, total=report.total)
                elif isinstance(report, wire.Token) and report.thought:
                    thoughts.append(report.text)
                    yield ThoughtAdded(text=report.text, tokens=report.tokens)
                elif isinstance(report, wire.Called):
                    calls.append((report.name, report.arguments))
                    yield ToolCalled(name=report.name, arguments=report.arguments)
                elif isinstance(report, wire.Token):
                    pieces.append(report.text)
                    yield TextAdded(text=report.text, tokens=report.tokens)
                elif isinstance(report, wire.Weighed):
                    yield TokenWeighed(odds=Odds(
                        text=report.text, log_probability=report.log_probability, others=report.others
                    ))  # fmt: skip
                elif isinstance(report, wire.Done):
                    self._learn(seat, model, report)
                    state = ENDS.get(report.end, MessageState.CUT)  # an end that nobody knows is none
                    written = replace(
                        written, state=state, speed=speed(report), template=report.template,
                        template_why=report.template_why, judged=judged(report),
                    )  # fmt: skip
        except Cancelled:
            pass
        except WorkerDied:
            if not seat.let_go:
                raise
        if not (pieces or thoughts or calls) and written.state is MessageState.STOPPED:
            raise Cancelled
        thought = "".join(thoughts).rstrip()
        note = " ".join(filter(None, (seat.first_words(), reopening.note)))
        return replace(written, text="".join(pieces), thoughts=thought, calls=tuple(calls), note=note)

    def _learn(self, seat: Seat, model: Model, report: wire.Done) -> None:
        """What a model took and how fast it was, where it ran alone and as it should."""
        if len(seat.files) > 1 or seat.projector is not None or seat.too_large:
            return
        if self._peaks:
            self._peaks.keep(model, seat.options, report.peak_bytes - report.aside_bytes)
        if self._speeds:
            self._speeds.keep(model, seat.options, speed(report), on_card=seat.loaded.card_layers > 0)


def examined(model: Model) -> ModelFacts:
    """What its file is now, its adapters weighed in. Raises where one is damaged, gone, or not fit for a chat."""
    facts = read_facts(model.path)
    must_chat(model.path, facts)
    must_adapt(loaded_with(model), model)
    return replace(model, facts=facts).weighed


def _none_kept(*_: Seat) -> None:
    """Nothing is kept of what was read in seats that are let go."""


def _options(model: Model, wanted: Wanted) -> LoadOptions:
    """How the model is to be loaded: with no more context than it was trained on."""
    most_tokens = model.facts.context_tokens or wanted.context_tokens
    options = possible(options_of(wanted), model.facts)
    return replace(options, context_tokens=min(wanted.context_tokens, most_tokens))
