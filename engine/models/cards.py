"""The card of a model: what its header tells, and what the library knows beside that.

Reading a header takes up to a second for the largest vocabularies, so cards come from jobs and the last few are kept.
"""

import contextlib
import functools
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from engine.errors import EngineError, ModelDamaged, from_os_error
from engine.events import Changed
from engine.models.rate import Rate
from engine.models.templates import template_beside
from engine.operation import Cancel, Operation
from engine.runtime import gguf
from engine.runtime.gguf_card import read_card
from engine.runtime.gguf_header import Damaged
from engine.runtime.measures import File, identity
from engine.store.models import ModelRows
from engine.types import Checksum, KnownCard, Matching, Model, ModelCard, ModelOrigin

READ_BYTES = 4 << 20


class Cards:
    """The cards of one library. Every method from any thread."""

    def __init__(self, rows: ModelRows, get: Callable[[int], Model], everything: Callable[[], Iterable[Model]]) -> None:
        """`get` gives one model of the library, `everything` all of them."""
        self._rows, self._get, self._everything = rows, get, everything

    def of(self, model_id: int, cancel: Cancel) -> Operation[KnownCard]:
        """The card of a model of the library.

        Raises `NotFound`, `ModelDamaged`, `FileMissing`, `FileNotReadable`, `Cancelled`.
        """
        return self.beside(self._get(model_id), cancel)

    def beside(self, model: Model, cancel: Cancel) -> Operation[KnownCard]:
        """The card of a model's file beside the library, to which it need not belong. Raises as `of`."""
        cancel.check()
        yield from ()
        card = _read(identity(model.path))
        here = tuple(self._everything())
        return KnownCard(
            card=card,
            template=template_beside(model, card, here),
            checksum=self.known_checksum(model),
            adapters=_matching(model, here, cancel) if card.facts.use == "chat" else (),
        )

    def stranger(self, path: Path) -> Model:
        """A file as if it were of the library; the model of the library, where it is one.

        Raises `ModelDamaged`, `FileMissing`, `FileNotReadable`.
        """
        path = Path(os.path.abspath(path))
        for model in self._everything():
            with contextlib.suppress(OSError):
                if os.path.samefile(model.path, path):
                    return model
        facts = gguf.read_facts(path)
        return Model(id=0, name=facts.name, path=path, origin=ModelOrigin.DISK, facts=facts, added_at="")

    def known_checksum(self, model: Model) -> Checksum | None:
        """What is known of a model's files without reading them: from the download, or reckoned before."""
        if reckoned := self._rows.checksum(model.id, mark_of(model.path)):
            return Checksum(files=reckoned, known="reckoned")
        if model.sha256 and model.facts.parts == 1:
            return Checksum(files=((model.path.name, model.sha256),), known="download")
        return None

    def reckon_checksum(self, model: Model, cancel: Cancel) -> Operation[Checksum]:
        """Read all of a model's files for their SHA-256, and keep it for one of the library.

        Yields Progressed(unit="bytes") and Changed("models"). Raises `FileMissing`, `FileNotReadable`, `Cancelled`.
        """
        paths = gguf.parts_of(model.path) if model.facts.parts > 1 else [model.path]
        mark, rate, done = mark_of(model.path), Rate(), 0
        files = []
        for path in paths:
            whole = hashlib.sha256()
            try:
                with path.open("rb", buffering=0) as file:
                    while piece := file.read(READ_BYTES):
                        cancel.check()
                        whole.update(piece)
                        done += len(piece)
                        yield rate.progressed(done, model.facts.size_bytes, path.name)
            except OSError as error:
                raise from_os_error(error, path) from error
            files.append((path.name, whole.hexdigest()))
        if model.id and self.keep_checksum(model, mark, files):
            yield Changed(what="models")
        return Checksum(files=tuple(files), known="reckoned")

    def keep_checksum(self, model: Model, mark: str, files: Sequence[tuple[str, str]]) -> bool:
        """Keep what a model's files came to that had this `mark` before they were read; False where they changed."""
        if same := mark == mark_of(model.path):
            self._rows.keep_checksum(model.id, mark, files)
        return same


def mark_of(path: Path) -> str:
    """The same as long as a file is."""
    _, size_bytes, mtime_ns = identity(path)
    return f"{size_bytes} {mtime_ns}"


@functools.lru_cache(maxsize=16)
def _read(file: File) -> ModelCard:
    return read_card(Path(file[0]))


def _matching(model: Model, here: Sequence[Model], cancel: Cancel) -> tuple[Matching, ...]:
    """The adapters of the library for this architecture, each held against this very model."""
    adapters = [
        other for other in here
        if other.facts.use == "adapter" and other.facts.architecture == model.facts.architecture and not other.missing
    ]  # fmt: skip
    headers = gguf.headers_of(model.path) if adapters else []
    found = []
    for adapter in adapters:
        cancel.check()
        try:
            why = gguf.unlike(gguf.headers_of(adapter.path)[0], headers)
        except ModelDamaged as damaged:
            why = damaged.why
        except Damaged as damaged:
            why = str(damaged)
        except EngineError:
            continue  # it went away meanwhile
        found.append(Matching(id=adapter.id, name=adapter.name, why=why))
    return tuple(found)
