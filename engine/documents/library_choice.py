"""Which of two libraries turns many passages into vectors with the built-in model, and why.

llama.cpp is there at once with little memory, and answers every question. sentence-transformers, which runs on
PyTorch, may be faster where there are many passages. The settings choose one of them, or whichever is faster on this
computer; then both are measured once (`library_trial.py`) in the middle of the work (`in_bulk.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from engine.documents import library_trial
from engine.documents.embedding import Embedder
from engine.documents.library_trial import SAME, WORTH_IT, Trial
from engine.errors import EngineError
from engine.runtime.fit import free_bytes
from engine.settings import BUILT_IN_BY_LLAMA, BUILT_IN_BY_TORCH, Settings, meaning_model_in
from engine.store.trials import KeptTrial, TrialRows
from engine.types import Library

# PyTorch with the model takes 0.6 to 0.85 GiB. So much must be free beside what is kept for the rest of the computer,
# which is 1 GiB of 8: it is not started there with less than 2 GiB free, and ended when only what is kept is left.
NEED_BYTES = 1 << 30


class LibraryChoice:
    """Holds what was measured and what went wrong. Every method from any thread."""

    def __init__(
        self,
        rows: TrialRows,
        settings: Callable[[], Settings],
        torch: Embedder,
        free: Callable[[], int] = free_bytes,
    ) -> None:
        """`torch` is the built-in model run by sentence-transformers; `free` the memory that it may take."""
        self.torch = torch
        self._rows, self._settings, self._free = rows, settings, free
        self._trouble = ""  # until the program ends: it is not tried again and again

    @property
    def fixed(self) -> str:
        """The library that the settings name; "" for whichever is faster."""
        chosen = self._settings().meaning_model
        return chosen if chosen in (BUILT_IN_BY_LLAMA, BUILT_IN_BY_TORCH) else ""

    @property
    def trial(self) -> KeptTrial | None:
        """What was measured on this computer with the libraries of today."""
        return self._rows.of(library_trial.computer(), library_trial.versions())

    @property
    def against_torch(self) -> str:
        """Why PyTorch is not to be started now, whoever chose it: a sentence, "" where it may be."""
        if self._trouble:
            return self._trouble
        if not library_trial.versions():
            return "llama.cpp reads your passages, for PyTorch is not installed."
        free = self._free()
        if free < NEED_BYTES and not self.torch.warm:
            need_gib, free_gib = f"{NEED_BYTES / 2**30:.1f}", f"{free / 2**30:.1f}"
            return f"llama.cpp reads your passages, for PyTorch needs {need_gib} GiB of memory and {free_gib} are free."
        return ""

    def keep(self, trial: Trial) -> KeptTrial:
        """Both were measured; what came of it. Raises `DiskFull`."""
        result = trial.result(library_trial.versions())
        self._rows.keep(library_trial.computer(), result)
        return result

    def failed(self, error: EngineError) -> str:
        """PyTorch did not do what it was asked; the sentence that says so."""
        self._trouble = f"PyTorch did not work, so llama.cpp reads your passages. {error}"
        return self._trouble

    def short_of_memory(self) -> str:
        """Give PyTorch's memory back where no more is free than is kept for the rest of the computer; a sentence then.

        "" where there is enough.
        """
        if self._free() > 0:
            return ""
        self.torch.let_go()
        return "Memory grew short, so PyTorch was ended and llama.cpp reads your passages."

    def standing(self) -> Library | None:
        """Which library reads many passages, and why; None where a model of the library does."""
        if meaning_model_in(self._settings().meaning_model):
            return None
        if self.fixed == BUILT_IN_BY_LLAMA:
            return Library(name=BUILT_IN_BY_LLAMA, why="llama.cpp reads your passages, as you chose.")
        trial = self.trial
        if not self.fixed and trial is not None and not faster(trial):
            return Library(name=BUILT_IN_BY_LLAMA, why=_slower(trial))
        if against := self.against_torch:
            return Library(name=BUILT_IN_BY_LLAMA, why=against)
        if self.fixed:
            return Library(name=BUILT_IN_BY_TORCH, why="PyTorch reads your passages, as you chose.")
        if trial is None:
            why = (
                "llama.cpp reads your passages. When they are more than a minute's work, PyTorch is tried beside it, "
                "and the faster one goes on."
            )
            return Library(name=BUILT_IN_BY_LLAMA, why=why)
        llama, torch = f"{trial.llama_per_s:.1f}", f"{trial.torch_per_s:.1f}"
        why = (
            f"PyTorch reads your passages when they are many: {torch} a second, llama.cpp {llama} "
            f"(measured on {trial.measured_on})."
        )
        return Library(name=BUILT_IN_BY_TORCH, why=why)

    def close(self) -> None:
        """End PyTorch's process."""
        self.torch.close()


def faster(trial: KeptTrial) -> bool:
    """Whether PyTorch is worth its memory, and its vectors are the same."""
    return trial.ratio >= WORTH_IT and trial.cosine >= SAME


def other_vectors(trial: KeptTrial) -> str:
    """That PyTorch's vectors are not those of llama.cpp, where they are not: a sentence, else ""."""
    why = "PyTorch makes other vectors than llama.cpp on this computer, so llama.cpp reads your passages."
    return why if trial.cosine < SAME else ""


def _slower(trial: KeptTrial) -> str:
    if why := other_vectors(trial):
        return why
    llama, torch = f"{trial.llama_per_s:.1f}", f"{trial.torch_per_s:.1f}"
    return f"llama.cpp reads your passages: {llama} a second, PyTorch {torch} (measured on {trial.measured_on})."
