"""All weights of a checkpoint: one file of safetensors, or several with an index, which has to tell the truth."""

from engine.worker.converter.safetensors_file import Stored, stored
from engine.worker.converter.sources import SPLIT, Damaged, Sources

WHOLE = "model.safetensors"
WEIGHTS = ("F32", "F16", "BF16")


def weights(sources: Sources, whole: str = WHOLE) -> dict[str, Stored]:
    """Every tensor by its name. Raises `Damaged`, `FileMissing`, `FileNotReadable`."""
    if whole == WHOLE and sources.has(SPLIT):
        return _split(sources)
    return {tensor.name: tensor for tensor in stored(sources.path(whole))}


def _split(sources: Sources) -> dict[str, Stored]:
    told = sources.json(SPLIT).get("weight_map")
    if not isinstance(told, dict) or not all(isinstance(name, str) for name in told.values()):
        raise Damaged("its index does not say in which files its weights are")
    found: dict[str, Stored] = {}
    for name in sorted(set(told.values())):
        if not name.endswith(".safetensors"):
            raise Damaged(f"its index names {name[:80]!r}, which is no file of safetensors")
        for tensor in stored(sources.path(name)):
            if told.get(tensor.name) == name:
                found[tensor.name] = tensor
    lacking = sorted(set(told) - set(found))
    if lacking:
        raise Damaged(f"its index speaks of {lacking[0][:80]!r}, which is not where it says")
    return found


def form_of(tensors: dict[str, Stored]) -> str:
    """The form that most of the weights are in. Raises `Damaged` where weights are in one that is none of `WEIGHTS`."""
    counted: dict[str, int] = {}
    for tensor in tensors.values():
        counted[tensor.form] = counted.get(tensor.form, 0) + tensor.size_bytes
    return max((form for form in counted if form in WEIGHTS), key=lambda form: counted[form], default="F16")
