"""The model process: load one GGUF file, write several answers at once, hear Stop at once."""

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine import wire
from engine.errors import ModelNotUsable
from engine.worker.desk import Desk
from engine.worker.model import graphics, process_limits
from engine.worker.model.exchange import Exchange
from engine.worker.model.files import parts
from engine.worker.model.generation import Generation
from engine.worker.model.llama import Flag
from engine.worker.model.loaded_model import LoadedModel
from engine.worker.model.measuring import measured
from engine.worker.model.scheduler import Scheduler
from engine.worker.model.scoring import Scoring
from engine.worker.model.threads import Threads

if TYPE_CHECKING:
    from engine.worker.model.sight import Sight


class ModelDesk:
    """Holds the model, the answers at work and the flag that stops it."""

    def __init__(self, process: str = "model") -> None:
        """Say nothing yet; `serve` greets. `process` is the kind of process, as the rules name it."""
        self._desk = Desk(process)
        self._flag = Flag()
        self._threads = Threads()
        self._model: LoadedModel | None = None
        self._scheduler: Scheduler | None = None
        self._exchange = Exchange(self._desk.report)
        self._stopping = threading.Lock()
        self._loading = 0  # the job, 0 where none is loading
        self._early: set[int] = set()  # stopped before the first model was there

    def serve(self) -> None:
        """Work until the engine lets go."""
        self._desk.serve(
            {
                wire.Load: self._load,
                wire.Generate: self._generate,
                wire.Measure: self._measure,
                wire.Score: self._score,
                wire.StatePiece: self._exchange.add,
                wire.StateSent: self._state_sent,
                wire.HoldState: self._hold_state,
                wire.TakeState: self._exchange.take,
            },  # fmt: skip
            at_once={wire.Stop: self._stop, wire.SetThreads: self._set_threads},
            given=_given,
            go_on=self._go_on,
        )

    def _load(self, request: wire.Load) -> None:
        with self._stopping:
            scheduler, self._scheduler = self._scheduler, None
            self._loading = request.job
            self._flag.lower()
            if request.job in self._early:
                self._flag.raise_it()
        try:
            if scheduler:
                why = ModelNotUsable(path="the model", why="another one is loaded in its place")
                self._abandon(scheduler, why)
                for job in self._exchange.abandon():
                    self._desk.fail(job, why)
            if self._model is not None:
                self._model.close()
                self._model = None
            model = self._model = self._loaded(request)
        finally:
            with self._stopping:
                self._loading = 0
                self._flag.lower()
        scheduler = Scheduler(model, self._threads, self._flag)
        with self._stopping:
            self._scheduler = scheduler
            for job in self._early:
                scheduler.stop(job)
            self._early.clear()
        self._desk.report(
            wire.Loaded(
                job=request.job, context_tokens=model.context_tokens, threads=self._threads.next_step(reading=False),
                template=model.template.name, seconds=model.load_s, card=model.placed.card,
                card_layers=model.placed.layers, card_why=model.placed.why,
            )
        )  # fmt: skip

    def _loaded(self, request: wire.Load) -> LoadedModel:
        self._threads.choose(request.threads, battery=request.battery)
        process_limits.limit_data(request.need_bytes)

        def loading(fraction: float) -> None:
            self._desk.report(wire.Loading(job=request.job, fraction=fraction))

        eyes = self.eyes(request, self._flag, self._threads.next_step(reading=True))
        placed = graphics.placed(
            request.gpu_layers, request.experts_on_processor, request.layers, request.layer_bytes, graphics.cards(),
            request.cards,
        )  # fmt: skip
        return LoadedModel(
            request.path, request, self._flag, loading, adapters=request.adapters, eyes=eyes, placed=placed
        )  # fmt: skip

    def eyes(self, request: wire.Load, flag: Flag, threads: int) -> "Callable[[Any], Sight] | None":
        """What lets the model see, once it is in memory; this kind of process has no such thing."""
        return None

    def _generate(self, request: wire.Generate) -> None:
        if self._model is None or self._scheduler is None:
            raise ModelNotUsable(path="a model", why="none is loaded yet")
        generation = Generation(self._model, self._desk.report, request)
        if self._scheduler.idle:  # what comes in for it must find the adapters as they are to be
            self._model.use_strengths(generation.strengths)
        if not self._exchange.waits(self._model, generation, request):
            self._scheduler.add(generation)

    def _score(self, request: wire.Score) -> None:
        if self._model is None or self._scheduler is None:
            raise ModelNotUsable(path="a model", why="none is loaded yet")
        self._scheduler.add(Scoring(self._model, self._desk.report, request))

    def _state_sent(self, request: wire.StateSent) -> None:
        if self._model is not None and self._scheduler is not None:
            generation = self._exchange.sent(self._model, request)
            if generation is not None:
                self._scheduler.add(generation)

    def _hold_state(self, request: wire.HoldState) -> None:
        if self._model is None:
            raise ModelNotUsable(path="a model", why="none is loaded yet")
        self._exchange.hold(self._model, request)

    def _go_on(self) -> bool:
        if self._scheduler is None:
            return False
        try:
            return self._scheduler.step()
        except Exception as error:  # noqa: BLE001 - a step that failed has failed for all that had a part in it
            self._abandon(self._scheduler, error)
            return False

    def _abandon(self, scheduler: Scheduler, error: Exception) -> None:
        for job in scheduler.abandon():
            self._desk.fail(job, error)

    def _measure(self, request: wire.Measure) -> None:
        if self._model is None:
            raise ModelNotUsable(path="a model", why="none is loaded yet")
        self._desk.report(measured(self._model, request))

    # On the pipe's own thread, while the above is at work.

    def _stop(self, request: wire.Stop) -> None:
        with self._stopping:
            if request.job == self._loading:
                self._flag.raise_it()
            elif self._scheduler is not None:
                self._scheduler.stop(request.job)
            else:
                self._early.add(request.job)

    def _set_threads(self, request: wire.SetThreads) -> None:
        self._threads.choose(request.threads, battery=request.battery)


def _given(request: wire.Message) -> tuple[str, ...]:
    """The files that the first request is about."""
    if not isinstance(request, wire.Load):
        return ()
    draft = parts(request.draft) if request.draft else ()
    return (*parts(request.path), *request.adapters, *filter(None, [request.projector]), *draft, *graphics.nodes())


def main() -> None:
    """Run as `python -m engine.worker.model`."""
    process_limits.be_expendable()
    process_limits.open_peak()
    os.environ.pop("LLAMA_CPP_LIB_PATH", None)
    ModelDesk().serve()


if __name__ == "__main__":
    main()
