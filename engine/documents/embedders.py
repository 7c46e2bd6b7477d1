"""Which model turns text into vectors: the one that is chosen, and the one whose vectors are searched meanwhile.

Questions go to llama.cpp, whatever reads many passages (`library_choice.py`).
The settings choose. A model that has not read all passages yet is not searched with: until it has, the one before
stays in use, with its own vectors and its own process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import arrays as np
from engine import wire
from engine.documents.built_in import BuiltIn
from engine.documents.embedding import NAME, THREADS, Embedder
from engine.documents.library_choice import LibraryChoice
from engine.documents.library_model import FindModel, loading
from engine.documents.meaning import Floats, MeaningIndex
from engine.errors import EmbedderNotUsable
from engine.operation import Cancel
from engine.places import Places
from engine.settings import Settings, meaning_model_in
from engine.store.documents import DocumentRows
from engine.store.embedders import KeptEmbedder
from engine.types import Preparing

# What has nothing to do with each other: how near such texts come to one another is a matter of the model alone.
_APART = (
    "The recipe calls for two eggs and a pinch of salt.", "Interest rates were raised by a quarter of a percent.",
    "The goalkeeper saved a penalty in the last minute.", "Photosynthesis turns light into chemical energy.",
    "The lease may be ended with three months' notice.", "Her violin was made in Cremona in 1710.",
    "Restart the router and wait for the green light.", "The glacier has retreated by two kilometres.",
    "新しい駅の工事は来年の春に終わる。", "この薬は食後に水と一緒に飲んでください。",
    "江戸時代の地図には川の名前がない。", "猫は一日の大半を眠って過ごす。",
    "Das Museum ist montags geschlossen.", "Le train pour Lyon part du quai numéro quatre.",
    "La novela cuenta la historia de una familia.", "The function returns the number of rows it has deleted.",
)  # fmt: skip
OWN = KeptEmbedder(name=NAME)
TORCH_IDLE_S = 60.0  # with some 0.7 GiB; questions are not asked of it
MakeEmbedder = Callable[..., Embedder]


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search by meaning needs: the model whose vectors are searched, its process, and their index."""

    known: KeptEmbedder
    embedder: Embedder
    index: MeaningIndex

    @property
    def centre(self) -> Floats | None:
        """What the model's vectors have in common."""
        return np.frombuffer(self.known.centre, "<f4") if self.known.centre else None


class Embedders:
    """The models' processes and the index of what is searched. Every method from any thread."""

    def __init__(
        self,
        rows: DocumentRows,
        places: Places,
        settings: Callable[[], Settings],
        find: FindModel,
        make: MakeEmbedder,
    ) -> None:
        """`make` makes the engine's side of a process."""
        self._rows, self._places, self._settings, self._find, self._make = rows, places, settings, find, make
        self._built_in = BuiltIn(places.built_in, places.private)
        self._lock = threading.RLock()
        self.library = LibraryChoice(rows.trials, settings, make(places.private, idle_s=TORCH_IDLE_S))
        self._embedders: dict[int, Embedder] = {}  # by the number of the model, 0 for the built-in one
        self._reports: dict[int, wire.Loaded] = {}
        self._searched: Searched | None = None

    def searched(self) -> Searched:
        """What is searched with now."""
        with self._lock:
            known = self._rows.embedders.in_use() or OWN
            embedder = self._embedder(known.model_id)
            found = self._searched
            if found is None or found.known != known or found.embedder is not embedder:
                same = found is not None and found.known == known
                found = Searched(known, embedder, found.index) if same and found else self._opened(known, embedder)
                self._searched = found
            return found

    def chosen(self, cancel: Cancel) -> Searched:
        """The model of the settings, with a name and measured; loaded first where nobody knows it. Slow.

        It is searched with from here on where nothing is searched yet. Raises `EmbedderNotUsable` and as a load does.
        """
        model_id = meaning_model_in(self._settings().meaning_model)
        embedder = self._embedder(model_id)
        known = self._measured(model_id, embedder, cancel) if model_id else OWN
        rows = self._rows.embedders
        if rows.get(known.name) != known:
            rows.keep(known)
        in_use = rows.in_use()
        if in_use is not None and in_use.name != known.name and not any(self._rows.vectors.bits(in_use.name)):
            rows.use(known.name)
        searched = self.searched()
        return searched if searched.known == known else self._opened(known, embedder)

    def take_over(self, chosen: Searched, cancel: Cancel) -> None:
        """Search with `chosen`, which has read everything, and erase the vectors of all others."""
        with self._lock:
            self._rows.embedders.use(chosen.known.name)
            self._searched = chosen
        self._end_others(chosen.embedder)
        self._rows.embedders.forget_others(cancel.check)

    def preparing(self) -> Preparing:
        """How far the chosen model is, as far as that is known without loading it."""
        model_id = meaning_model_in(self._settings().meaning_model)
        counts, rows = self._rows.counts(), self._rows.embedders
        in_use = rows.in_use()
        if in_use is None or in_use.model_id == model_id:
            return Preparing(prepared=counts.embedded, passages=counts.passages)
        known = OWN if not model_id else rows.of_model(model_id)
        lacking = counts.passages if known is None else self._rows.vectors.count_lacking(known.name)
        return Preparing(prepared=counts.passages - lacking, passages=counts.passages, changing=True)

    def forget(self, passage_ids: Sequence[int]) -> None:
        """Passages that are gone from the store."""
        if passage_ids:  # else nobody need open an index, which takes time and memory
            self.searched().index.forget(passage_ids)

    def reload(self) -> None:
        """The store holds other vectors now."""
        self.searched().index.reload()

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            embedders, self._embedders = list(self._embedders.values()), {}
        for embedder in embedders:
            embedder.close()
        self.library.close()

    # Its own affairs.

    def _opened(self, known: KeptEmbedder, embedder: Embedder) -> Searched:
        centre = np.frombuffer(known.centre, "<f4") if known.centre else None
        return Searched(known, embedder, MeaningIndex(self._rows.vectors, known.name, centre))

    def _embedder(self, model_id: int) -> Embedder:
        with self._lock:
            if model_id not in self._embedders:
                self._embedders[model_id] = self._made(model_id)
            return self._embedders[model_id]

    def _made(self, model_id: int) -> Embedder:
        private: Path = self._places.private
        if not model_id:
            return self._make(private, self._built_in.load, loaded=self._built_in.loaded)
        load = loading(self._find, model_id, "embedding", THREADS)
        return self._make(private, load, loaded=lambda report: self._heard(model_id, report))

    def _heard(self, model_id: int, report: wire.Loaded) -> None:
        """A file was loaded. Raises `EmbedderNotUsable` where the vectors that are searched came from another file."""
        self._reports[model_id] = report
        in_use = self._rows.embedders.in_use()
        if in_use is not None and in_use.model_id == model_id and in_use.name != _name(report):
            changed = KeptEmbedder(
                name=in_use.name, model_id=-1, usual_cosine=in_use.usual_cosine, centre=in_use.centre,
                reads_japanese=in_use.reads_japanese,
            )  # fmt: skip
            self._rows.embedders.keep(changed)  # nothing runs it any more
            raise EmbedderNotUsable(why="its file has changed, so your documents have to be read by it again")

    def _measured(self, model_id: int, embedder: Embedder, cancel: Cancel) -> KeptEmbedder:
        """A model of the library under the name of its weights."""
        rows = self._rows.embedders
        try:
            embedder.vectors((), cancel)
        except EmbedderNotUsable:
            if rows.of_model(model_id) is not None or model_id not in self._reports:
                raise
            embedder.vectors((), cancel)  # its file has changed, which is known now
        report = self._reports[model_id]
        name = _name(report)
        known = rows.get(name)
        if known is not None and known.model_id == model_id:
            return known
        texts, questions = embedder.vectors(_APART, cancel), embedder.vectors(_APART, cancel, question=True)
        return KeptEmbedder(
            name=name, model_id=model_id, usual_cosine=round(usual_cosine(questions, texts), 4),
            centre=texts.mean(axis=0).astype("<f4").tobytes(), reads_japanese=report.reads_japanese,
        )  # fmt: skip

    def _end_others(self, embedder: Embedder) -> None:
        with self._lock:
            others = {model_id: one for model_id, one in self._embedders.items() if one is not embedder}
            for model_id in others:
                del self._embedders[model_id]
        for one in others.values():
            one.close()


def usual_cosine(questions: Floats, texts: Floats) -> float:
    """The mean cosine of questions with texts that have nothing to do with them: all but those of the same number."""
    cosines = questions @ texts.T
    apart = ~np.eye(len(cosines), dtype=bool)
    return float(cosines[apart].mean())


def _name(report: wire.Loaded) -> str:
    """The name of a model's weights."""
    return f"GGUF {report.sha256[:16]}"
