"""The model process: load one GGUF file, answer one request after another, hear Stop at once."""

import os
import threading

from engine import wire
from engine.errors import ModelNotUsable
from engine.worker.desk import Desk
from engine.worker.model import process_limits
from engine.worker.model.generation import Generation
from engine.worker.model.llama import Flag
from engine.worker.model.loaded_model import LoadedModel, parts
from engine.worker.model.measuring import measured
from engine.worker.model.threads import Threads


class ModelDesk:
    """Holds the model and the flag that stops it."""

    def __init__(self) -> None:
        """Say nothing yet; `serve` greets."""
        self._desk = Desk("model")
        self._flag = Flag()
        self._threads = Threads()
        self._model: LoadedModel | None = None
        self._stopping = threading.Lock()
        self._job = 0
        self._stopped: set[int] = set()

    def serve(self) -> None:
        """Work until the engine lets go."""
        self._desk.serve(
            {wire.Load: self._load, wire.Generate: self._generate, wire.Measure: self._measure},
            at_once={wire.Stop: self._stop, wire.SetThreads: self._set_threads},
            given=lambda request: parts(request.path) if isinstance(request, wire.Load) else (),
        )

    def _load(self, request: wire.Load) -> None:
        self._begin(request.job)
        if self._model is not None:
            self._model.close()
            self._model = None
        self._threads.choose(request.threads)
        process_limits.limit_data(request.need_bytes)

        def loading(fraction: float) -> None:
            self._desk.report(wire.Loading(job=request.job, fraction=fraction))

        model = LoadedModel(request.path, request.context_tokens, self._threads.now, self._flag, loading)
        self._model = model
        self._desk.report(
            wire.Loaded(
                job=request.job, context_tokens=model.context_tokens, threads=self._threads.now,
                template=model.template.name, seconds=model.load_s,
            )
        )  # fmt: skip

    def _generate(self, request: wire.Generate) -> None:
        self._begin(request.job)
        if self._model is None:
            raise ModelNotUsable(path="a model", why="none is loaded yet")
        Generation(self._model, self._threads, self._flag, self._desk.report, request).run()

    def _measure(self, request: wire.Measure) -> None:
        if self._model is None:
            raise ModelNotUsable(path="a model", why="none is loaded yet")
        self._desk.report(measured(self._model, request))

    # On the pipe's own thread, while the above is at work.

    def _stop(self, request: wire.Stop) -> None:
        with self._stopping:
            if request.job == self._job:
                self._flag.raise_it()
            elif request.job > self._job:
                self._stopped.add(request.job)

    def _set_threads(self, request: wire.SetThreads) -> None:
        self._threads.choose(request.threads)

    def _begin(self, job: int) -> None:
        """From here on, a Stop of this job is heard; one that came early counts."""
        with self._stopping:
            self._job = job
            self._flag.lower()
            if job in self._stopped:
                self._flag.raise_it()
            self._stopped = {later for later in self._stopped if later > job}


def main() -> None:
    """Run as `python -m engine.worker.model`."""
    process_limits.be_expendable()
    os.environ.pop("LLAMA_CPP_LIB_PATH", None)
    ModelDesk().serve()


if __name__ == "__main__":
    main()
