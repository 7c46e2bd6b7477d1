"""Models as they are trained, fetched from the hub: weights of safetensors and what is needed to convert them.

All files of one are one download: there is room for all of them or nothing is fetched, each is checked by the hash that
the hub says of it, and none has its name before all are here.
"""

import os
from pathlib import Path

from engine.ledger import Ledger
from engine.models.download import LAST, Wanted, delete_checkpoint, fetch, find
from engine.operation import Cancel, Operation
from engine.places import Places

INDEX = "model.safetensors.index.json"  # says in which part of the weights each tensor is
NEEDED = ("tokenizer.json", LAST)
OF_USE = ("tokenizer_config.json", "chat_template.jinja", "chat_template.json", "README.md")


class Checkpoints:
    """Those in the models folder. Every method from any thread."""

    def __init__(self, endpoint: str, places: Places, ledger: Ledger) -> None:
        self._endpoint, self._places, self._ledger = endpoint, places, ledger

    def download(self, wanted: Wanted, cancel: Cancel) -> Operation[Path]:
        """Fetch one; the folder in which it is ready to be converted.

        Yields Progressed(unit="bytes"), DownloadNoted and Changed("connections"). Raises as `fetch`.
        """
        of_use = yield from find(wanted, "", self._endpoint, self._places, self._ledger, cancel, names=OF_USE)
        index = (INDEX,) if len(wanted.parts()) > 1 else ()
        there = {file.name for file in of_use}
        with_it = (*index, *(name for name in OF_USE if name in there), *NEEDED)
        arrived = yield from fetch(wanted, self._endpoint, self._places, self._ledger, cancel, with_it=with_it)
        return arrived.path.parent

    def fetched(self, folder: Path) -> bool:
        """Whether this is the folder of one that was downloaded here."""
        above = Path(os.path.abspath(folder)).parent
        return above.name == "snapshots" and above.parent.parent == self._places.models

    def delete(self, folder: Path) -> None:
        """Delete one that was downloaded here; nothing where it was not. Raises `FileNotReadable`."""
        if self.fetched(folder):
            delete_checkpoint(folder)
