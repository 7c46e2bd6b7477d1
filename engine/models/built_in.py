"""The guide that comes with the program: in the library from the first start, and used where it lies in the program.

Its row holds what this store knows of it (how it is loaded, how fast it was) and the number by which chats remember it.
Where its file lies is asked of `Places` each time, so that a program that was moved or renewed finds it.
"""

from contextlib import suppress
from pathlib import Path

from engine.errors import DiskFull, FileMissing, FileNotReadable, ModelDamaged, StoreTooNew
from engine.models.file_time import mtime_ns_of
from engine.runtime import gguf
from engine.store.models import ModelRows
from engine.types import Model, ModelOrigin

NAME = "Built-in guide"
KEPT_AS = Path("hanare-guide.gguf")  # not where it lies: no file of the person's has a path that begins nowhere


def with_guide(rows: ModelRows, path: Path) -> tuple[Model, ...]:
    """Every model that is kept; the guide is among them where it lies in `path`, its stages where they lie beside it.

    It is taken in the first time. Where that cannot be, all goes on without it.
    """
    kept = rows.all()
    if path.is_file() and not any(model.is_guide for model in kept):
        with suppress(ModelDamaged, FileMissing, FileNotReadable, DiskFull, StoreTooNew):
            facts, mtime_ns = gguf.read_facts(path), mtime_ns_of(path)
            rows.add(path=KEPT_AS, name=NAME, origin=ModelOrigin.BUILT_IN, facts=facts, mtime_ns=mtime_ns)
            kept = rows.all()
    return tuple(model for model in kept if not model.built_in or place(model, path).is_file())


def place(model: Model, guide: Path) -> Path:
    """Where the file of what is built in lies now; `guide` is that of the guide."""
    return guide if model.is_guide else guide.with_name(model.path.name)
