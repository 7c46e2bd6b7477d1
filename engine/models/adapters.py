"""Which LoRA adapters work on which models, and how strongly.

An adapter is a file of the library like any other, attached to a model by the person. Rows are the store's; whether
an adapter goes with a model is `runtime/gguf.py`'s to say.
"""

import math
from collections.abc import Callable, Iterable

from engine.errors import NotFound, TextNotAccepted
from engine.events import Changed
from engine.operation import Cancel, Operation
from engine.runtime import gguf
from engine.store.models import ModelRows
from engine.types import Adapter, Model

STRONGEST = 2.0
MOST_ATTACHED = 4  # to one model; each makes every token cost a little more


class Adapters:
    """The adapters of one library. Every method from any thread."""

    def __init__(self, rows: ModelRows, get: Callable[[int], Model], everything: Callable[[], Iterable[Model]]) -> None:
        """`get` gives one model of the library, `everything` all of them."""
        self._rows = rows
        self._get = get
        self._everything = everything

    def of(self, model_id: int, library: Callable[[int], Model | None]) -> tuple[Adapter, ...]:
        """Those attached to a model, in the order in which they were; `library` looks one up."""
        found = ((library(id_), strength) for id_, strength in self._rows.attached(model_id))
        return tuple(_adapter(model, strength) for model, strength in found if model is not None)

    def fitting(self, model_id: int) -> tuple[Model, ...]:
        """The adapters of the library that are of this model's architecture and not attached to it. Raises `NotFound`.

        Whether one really goes with it is seen when it is attached.
        """
        model = self._get(model_id)
        attached = {adapter.id for adapter in model.adapters}
        return tuple(
            other
            for other in self._everything()
            if other.facts.use == "adapter" and other.facts.architecture == model.facts.architecture
            and not other.missing and other.id not in attached
        )  # fmt: skip

    def attach(self, model_id: int, adapter_id: int, cancel: Cancel, strength: float = 1.0) -> Operation[Model]:
        """Have an adapter work on a model from its next answer on. Attaching it again changes its strength.

        Yields Changed("models"). Raises `TextNotAccepted` for a strength out of its limits and for one adapter too
        many, `AdapterNotForModel`, `ModelDamaged`, `FileMissing`, `FileNotReadable`, `NotFound`, `DiskFull`.
        """
        cancel.check()
        strength = accepted_strength(strength)
        model, adapter = self._get(model_id), self._get(adapter_id)
        others = {other.id for other in model.adapters} - {adapter_id}
        if len(others) >= MOST_ATTACHED:
            why = f"a model takes {MOST_ATTACHED} at most"
            raise TextNotAccepted(what="The number of adapters", value=len(others) + 1, why=why)
        gguf.must_adapt([_adapter(adapter, strength)], model)
        self._rows.attach(model_id, adapter_id, strength)
        yield Changed(what="models")
        return self._get(model_id)

    def set_strength(self, model_id: int, adapter_id: int, strength: float) -> Model:
        """How strongly an attached adapter works from the next answer on; nothing is loaded anew for it.

        Raises `TextNotAccepted`, `NotFound`, `DiskFull`.
        """
        strength = accepted_strength(strength)
        self._must_be_attached(model_id, adapter_id)
        self._rows.attach(model_id, adapter_id, strength)
        return self._get(model_id)

    def detach(self, model_id: int, adapter_id: int) -> Model:
        """Take an adapter off a model; its file and its place in the library stay. Raises `NotFound`, `DiskFull`."""
        self._must_be_attached(model_id, adapter_id)
        self._rows.detach(model_id, adapter_id)
        return self._get(model_id)

    def _must_be_attached(self, model_id: int, adapter_id: int) -> None:
        if all(adapter.id != adapter_id for adapter in self._get(model_id).adapters):
            raise NotFound(what="adapter", which=adapter_id)


def accepted_strength(strength: float) -> float:
    """A strength within its limits. Raises `TextNotAccepted`."""
    if not math.isfinite(strength) or not -STRONGEST <= strength <= STRONGEST:
        why = f"{-STRONGEST:g} to {STRONGEST:g} can be, and 0 is off"
        raise TextNotAccepted(what="A strength", value=strength, why=why)
    return float(strength)


def _adapter(model: Model, strength: float) -> Adapter:
    return Adapter(
        id=model.id, name=model.name, path=model.path, strength=strength, tensor_bytes=model.facts.tensor_bytes,
        missing=model.missing,
    )  # fmt: skip
