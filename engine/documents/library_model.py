"""A model of the library that embeds, reranks or judges texts: whether it will do, and what its process is told."""

from collections.abc import Callable

from engine import wire
from engine.errors import CheckerNotUsable, EmbedderNotUsable, NotFound
from engine.loading import LoadOptions
from engine.operation import Cancel
from engine.runtime.fit import fit
from engine.runtime.gguf import read_facts
from engine.types import Model

LONGEST = 512  # tokens of one text, and of a question together with one
NOT_FOR = {
    "embedding": "it is no embedding model",
    "reranking": "it is no reranking model",
    "entailment": "it has not the labels entailment, neutral and contradiction, or not all layers that lead to them",
}
FindModel = Callable[[int], Model]


def loading(find: FindModel, model_id: int, use: str, threads: int) -> Callable[[Cancel], wire.Load]:
    """What the process of a model for `use` is told first; asked anew each time, for files change.

    What is returned raises `EmbedderNotUsable`, for an entailment model `CheckerNotUsable`, and what checking the file
    does (`ModelDamaged`, `FileMissing` …).
    """
    refused = CheckerNotUsable if use == "entailment" else EmbedderNotUsable

    def load(cancel: Cancel) -> wire.Load:
        cancel.check()
        try:
            model = find(model_id)
        except NotFound as error:
            raise refused(why="it is no longer in the library") from error
        facts = read_facts(model.path)
        if facts.use != use:
            raise refused(why=NOT_FOR[use])
        need = fit(facts, LoadOptions(context_tokens=LONGEST))
        if not need.fits:
            gib = 1 << 30
            needs, free = f"{need.need_bytes / gib:.1f}", f"{need.free_bytes / gib:.1f}"
            why = f"{model.name} needs {needs} GiB of memory and {free} GiB are free"
            raise refused(why=why)
        return wire.Load(
            path=str(model.path), context_tokens=LONGEST, threads=threads, need_bytes=need.need_bytes
        )  # fmt: skip

    return load
