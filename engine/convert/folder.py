"""What lies in a folder that is to be converted: which files are of use, and where each really is.

Nothing is opened here: what the files hold is for a process to read that is given these and no others.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.errors import CheckpointNotUsable, FileMissing, from_os_error
from engine.types import Checkpoint

USED = frozenset({
    "config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "chat_template.json", "README.md",
    "adapter_config.json", "model.safetensors.index.json",
})  # fmt: skip
ADAPTER = "adapter_config.json"
WEIGHTS, PICKLES = ".safetensors", (".bin", ".pt", ".pth", ".ckpt", ".pkl")
MOST_FILES = 2000
SNAPSHOT = re.compile(r"models--(?:([\w.-]+?)--)?([\w.-]+)")  # how the hub's own cache calls the folder of a repository


def looked_at(folder: Path) -> Checkpoint:
    """The checkpoint in a folder. Raises `CheckpointNotUsable`, `FileMissing`, `FileNotReadable`."""
    folder = Path(os.path.abspath(folder.expanduser()))
    if not folder.is_dir():
        raise FileMissing(path=str(folder))
    try:
        real = folder.resolve(strict=True)
        files = {name: _real(folder, real, name) for name in _used(folder)}
        size_bytes = sum(path.stat().st_size for name, path in files.items() if name.endswith(WEIGHTS))
        pickled = sorted(name for name in os.listdir(folder) if name.endswith(PICKLES))
    except OSError as error:
        raise from_os_error(error, folder) from error
    except RuntimeError as error:  # so Python tells of a link that leads to itself
        raise CheckpointNotUsable(path=str(folder), why="a link in it leads to itself") from error
    if not any(name.endswith(WEIGHTS) for name in files):
        if pickled:
            why = f"its weights are in {pickled[0][:80]}, a kind of file that can run anything, and is not opened"
            raise CheckpointNotUsable(path=str(folder), why=why)
        raise CheckpointNotUsable(path=str(folder), why="there is no file of safetensors in it")
    cached = SNAPSHOT.fullmatch(real.parent.parent.name) if real.parent.name == "snapshots" else None
    return Checkpoint(
        folder=folder, name=cached[2] if cached else folder.name, files=files, size_bytes=size_bytes,
        adapter=ADAPTER in files, repository="/".join(filter(None, cached.groups())) if cached else "",
    )  # fmt: skip


def _used(folder: Path) -> Iterator[str]:
    """The names of the files that are of use."""
    found = sorted(name for name in os.listdir(folder) if name in USED or name.endswith(WEIGHTS))
    if len(found) > MOST_FILES:
        raise CheckpointNotUsable(path=str(folder), why="there are more files in it than in any of its kind")
    return iter(found)


def _real(folder: Path, real: Path, name: str) -> Path:
    """Where a file lies; a link may lead within the folder, or to where the hub's own cache keeps what is in files."""
    path = (folder / name).resolve(strict=True)
    blobs = real.parent.parent / "blobs"
    if not path.is_relative_to(real) and not (real.parent.name == "snapshots" and path.parent == blobs):
        raise CheckpointNotUsable(path=str(folder), why=f"{name[:80]} is a link that leads out of the folder")
    if not stat.S_ISREG(path.stat().st_mode):
        raise CheckpointNotUsable(path=str(folder), why=f"{name[:80]} is no file")
    return path
