"""Names and files from outside: nothing is written beside its place, nothing is run, and every refusal has a reason."""

import os
import pickle
from pathlib import Path

import pytest

from engine.errors import EngineError, ModelDamaged, TextNotAccepted
from engine.models import Models
from engine.operation import Cancel, finish
from engine.places import Places
from tests.engine.models.conftest import FakeHub

NAMES = (
    "../x.gguf", "a/../../x.gguf", "/etc/x.gguf", "//host/share/x.gguf", "\\\\host\\share\\x.gguf", "C:\\x.gguf",
    "a//b.gguf", "./x.gguf", "a/./x.gguf", "x\0.gguf", "x\n.gguf", "x\x1b[2J.gguf", "..gguf/../x.gguf",
    "x" * 500 + ".gguf", ".gguf/..", "x.gguf\u202e", "x\u202e.gguf", "x\u200b.gguf", "", " ", "..", ".", "~/x.gguf/..",
    "a\\..\\x.gguf\n", "x.gguf/", "/", "-00001-of-99999.gguf", "m-00000-of-00002.gguf", "m-00003-of-00002.gguf",
    "m-00001-of-00000.gguf", "x.gguf?y", "x.exe",
)  # fmt: skip
ODD_BUT_GOOD = (
    "con.gguf",
    "nul.gguf",
    "a b.gguf",
    "%2e%2e%2fx.gguf",
    "x..gguf",
    "語.gguf",
    "-x.gguf",
    "COM1.gguf",
    "a'b;c.gguf",
)


def everything(folder: Path) -> set[Path]:
    """All files, wherever they are."""
    return {path for path in folder.rglob("*") if path.is_file() and "hanare.db" not in path.name}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_that_is_no_file_of_a_repository_is_refused_before_anything_is_sent(
    models: Models, hub: FakeHub, places: Places, tmp_path: Path, name: str
) -> None:
    before = everything(tmp_path)
    with pytest.raises(EngineError):
        finish(models.download("owner/name", name, Cancel()))
    with pytest.raises(EngineError):
        finish(models.download(name, "x.gguf", Cancel()))
    with pytest.raises(TextNotAccepted):
        finish(models.download("owner/name", "x.gguf", Cancel(), revision=f"../{name}"))
    assert everything(tmp_path) == before


@pytest.mark.parametrize("name", ODD_BUT_GOOD)
def test_whatever_a_file_of_the_hub_is_called_here_it_is_called_by_its_hash(
    models: Models, hub: FakeHub, places: Places, tmp_path: Path, name: str
) -> None:
    content = b"GGUF, but no model"
    hub.put("owner/name", name, content)
    before = everything(tmp_path)
    with pytest.raises(EngineError):
        finish(models.download("owner/name", name, Cancel()))
    assert everything(tmp_path) == before


class Owned:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("owned",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("before", [b"", b"GGUF", b"GGUF\x03\0\0\0", b"PK\x03\x04", b"\x80\x02"])
def test_a_pickle_offered_as_a_model_is_damaged_and_never_run(
    models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int, before: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.gguf"
    path.write_bytes(before + pickle.dumps(Owned(), protocol=protocol))
    with pytest.raises(ModelDamaged):
        finish(models.add(path, Cancel()))
    assert not (tmp_path / "owned").exists()


def test_a_pipe_a_device_and_a_folder_are_no_models(models: Models, tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes with names")
    os.mkfifo(tmp_path / "pipe.gguf")
    (tmp_path / "zero.gguf").symlink_to("/dev/zero")
    (tmp_path / "round.gguf").symlink_to(tmp_path / "round.gguf")
    (tmp_path / "folder.gguf").mkdir()
    for name in ("pipe.gguf", "zero.gguf", "round.gguf", "folder.gguf", "x\0.gguf"):
        with pytest.raises(EngineError):
            finish(models.add(tmp_path / name, Cancel()))
