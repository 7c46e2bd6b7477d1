"""The LoRA adapters of a loaded model, and how strongly each works now."""

import ctypes
from collections.abc import Sequence
from typing import Any

import llama_cpp as lib

from engine.errors import ModelNotUsable
from engine.worker.model.llama import complaints


class Adapters:
    """Loads in the constructor, all of them off; llama.cpp frees them with the model."""

    def __init__(self, model: Any, paths: Sequence[str]) -> None:
        """Load the files of `paths`. Raises `ModelNotUsable` with llama.cpp's reason."""
        found = []
        for path in paths:
            complaints.forget()
            adapter = lib.llama_adapter_lora_init(model, path.encode("utf-8", "surrogateescape"))
            if not adapter:
                raise ModelNotUsable(path=path, why=complaints.why())
            found.append(adapter)
        self._count = len(found)
        self._all = (lib.llama_adapter_lora_p_ctypes * self._count)(*found)
        self._strengths = (0.0,) * self._count

    def use(self, context: Any, strengths: Sequence[float]) -> bool:
        """From the next decode on, let each work so strongly, and those beyond `strengths` not; whether that is new."""
        if self.work(strengths):
            return False
        wanted = self._of_all(strengths)
        lib.llama_set_adapters_lora(context, self._all, self._count, (ctypes.c_float * self._count)(*wanted))
        self._strengths = wanted
        return True

    def work(self, strengths: Sequence[float]) -> bool:
        """Whether they work so strongly now."""
        return self._of_all(strengths) == self._strengths

    def _of_all(self, strengths: Sequence[float]) -> tuple[float, ...]:
        return (*strengths, *(0.0,) * self._count)[: self._count]
