"""The most memory that a model has really taken on this computer, by how it was loaded.

Learned from answers of models that fitted: what was loaded in spite of its need was held down by the want of memory
and teaches nothing. The greatest counts, since a short chat touches less than a long one.
"""

import contextlib
import dataclasses
import json
import platform
import sys
import threading

import psutil

from engine.errors import EngineError
from engine.loading import LoadOptions, fields_of
from engine.runtime.measures import identity
from engine.store.models import ModelRows
from engine.types import Model


class Peaks:
    """Kept with the models in the store. Every method from any thread."""

    def __init__(self, rows: ModelRows) -> None:
        """`rows` keep them."""
        self._rows = rows
        self._computer = computer()
        self._keeping = threading.Lock()

    def of(self, model: Model, options: LoadOptions) -> int:
        """The most this model took when it was so loaded, in bytes; 0 where that was never measured."""
        return self._rows.peak(model.id, self._computer, key_of(model, options), file_of(model))

    def keep(self, model: Model, options: LoadOptions, peak_bytes: int) -> None:
        """An answer has been written with so much memory at most. Where it cannot be kept it is measured again."""
        with self._keeping, contextlib.suppress(EngineError):
            if peak_bytes > self.of(model, options):
                self._rows.keep_peak(model.id, self._computer, key_of(model, options), file_of(model), peak_bytes)


def computer() -> str:
    """The same as long as what was measured here holds."""
    return f"{sys.platform} {platform.machine()} {psutil.virtual_memory().total}"


def key_of(model: Model, options: LoadOptions) -> str:
    """The options that memory depends on, no more context among them than the model knows."""
    most_tokens = model.facts.context_tokens or options.context_tokens
    clipped = dataclasses.replace(options, context_tokens=min(options.context_tokens, most_tokens))
    fields = {name: value for name, value in fields_of(clipped).items() if name != "unload_after_minutes"}
    return json.dumps(fields, sort_keys=True)


def file_of(model: Model) -> str:
    """The same as long as its file is."""
    _, size_bytes, mtime_ns = identity(model.path)
    return f"{size_bytes} {mtime_ns}"
