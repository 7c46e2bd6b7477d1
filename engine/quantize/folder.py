"""The folder beside a new model in which it is written: nobody takes what lies in it for a model, or for theirs."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import TextNotAccepted, from_os_error
from engine.keeping.files import synced

ENDING = ".making"


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """While inside, a folder of its own for what becomes `target`. It is gone afterwards, and all that is left in it.

    Raises `DiskFull`, `FileMissing`, `FileNotReadable`, and `TextNotAccepted` where it is in use.
    """
    folder = target.with_name(f".{target.name}{ENDING}")
    try:
        shutil.rmtree(folder, ignore_errors=True)  # of a time that was cut off
        folder.mkdir(mode=0o700)
    except FileExistsError as error:
        raise TextNotAccepted(what="The new file", value=str(target), why="another one is being made there") from error
    except OSError as error:
        raise from_os_error(error, folder) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def given_name(part: Path, target: Path) -> None:
    """Call a file that is whole by its name, for good. Raises `FileNotReadable`, `DiskFull`."""
    try:
        os.replace(part, target)
        synced(target.parent)
    except OSError as error:
        raise from_os_error(error, target) from error


def cleared(models: Path) -> None:
    """Take away what was being made in the folder of models when the program was cut off."""
    for left in models.glob(f".*{ENDING}"):
        shutil.rmtree(left, ignore_errors=True)
