"""A new model is not begun where there is no room for it, and a disk that fills up meanwhile is told as what it is."""

import shutil
import sys
from pathlib import Path

import pytest

from engine.engine import Engine, finish
from engine.errors import DiskFull, FileMissing, FileNotReadable, NotEnoughRoom
from engine.operation import Cancel
from engine.quantizations import Recipe
from engine.types import Model
from engine.worker.quantizer import making
from engine.worker.quantizer.gate import Gate


def made(whole_file: Path, to: Path) -> tuple[int, int]:
    """As the process does it, in this one."""
    recipe = Recipe(quantization="Q8_0")
    return making.made([str(whole_file)], to, recipe, None, 1, Gate(), lambda done, total: None)


def test_a_model_that_is_larger_than_what_is_free_is_not_begun(
    whole_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = making.ROOM_LEFT_BYTES + 1000
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(free, 0, free))
    with pytest.raises(NotEnoughRoom, match="takes .* MB, and the disk"):
        made(whole_file, tmp_path / "new.gguf")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is there on Linux only")
def test_a_disk_that_fills_up_while_it_is_written_is_told(whole_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "ROOM_LEFT_BYTES", 0)
    with pytest.raises(DiskFull):
        made(whole_file, Path("/dev/full"))


def test_a_folder_that_cannot_be_written_in_is_named(engine: Engine, whole: Model) -> None:
    folder = engine.places.models
    folder.rmdir()
    folder.write_text("in the way")
    with pytest.raises((FileMissing, FileNotReadable), match=folder.name):
        finish(engine.quantizing.quantize(whole.id, Recipe(), Cancel()))
    folder.unlink()
    folder.mkdir()
