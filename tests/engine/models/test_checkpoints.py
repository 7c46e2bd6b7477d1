"""Models as they are trained, fetched from the hub: all that belongs to one as one download, and then converted."""

import io
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import Cancelled, DownloadCorrupt, HubNotFound, NoRoomForDownload, TextNotAccepted, WorkerDied
from engine.events import DownloadEnded, Progressed
from engine.models import Models, checkpoints
from engine.models.download import Wanted
from tests.engine.models.downloading import fetcher_pid
from tests.fakes.hub import FakeHub

TRAINED, WHOLE = "someone/Model-1B", "model.safetensors"
FIRST, SECOND = (f"model-0000{number}-of-00002.safetensors" for number in (1, 2))
SMALL = ("tokenizer.json", "config.json")


def wanted(file: str = WHOLE) -> Wanted:
    """What the tests ask for."""
    return Wanted.checked(TRAINED, file, "main", "")


def put(hub: FakeHub, *weights: str, size_bytes: int = 3 << 20, commit: str = "a" * 40) -> dict[str, bytes]:
    """A checkpoint on the hub, of this commit: weights in large files, the rest in small ones."""
    contents = {name: bytes([at + ord(commit[0])]) * size_bytes for at, name in enumerate(weights)}
    contents |= {name: f"{{}} {name} {commit}".encode() for name in (*SMALL, "tokenizer_config.json")}
    if len(weights) > 1:
        contents[checkpoints.INDEX] = b"{}"
    for name, content in contents.items():
        hub.put(TRAINED, name, content, lfs=name in weights, commit=commit)
    hub.put(TRAINED, "pytorch_model.bin", b"no", commit=commit)
    hub.put(TRAINED, "flax/config.json", b"no", commit=commit)
    return contents


def files_of(folder: Path) -> dict[str, bytes]:
    """What lies in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_that_belongs_to_it_comes_by_its_name_and_nothing_else(
    models: Models, hub: FakeHub, places: Places
) -> None:
    contents = put(hub, FIRST, SECOND)
    work, moved = models.checkpoints.download(wanted(SECOND), Cancel()), []
    while True:
        try:
            event = next(work)
        except StopIteration as end:
            folder = end.value
            break
        if isinstance(event, Progressed):
            moved.append(event)
    assert files_of(folder) == contents
    assert places.models in folder.parents
    total = sum(map(len, contents.values()))
    assert (moved[-1].done, moved[-1].total, moved[-1].unit) == (total, total, "bytes")
    assert models.all() == ()


def test_one_that_is_damaged_on_the_way_is_refused_and_none_has_a_name(
    models: Models, hub: FakeHub, places: Places
) -> None:
    put(hub, WHOLE)
    hub.flip_at = 3
    with pytest.raises(DownloadCorrupt):
        finish(models.checkpoints.download(wanted(), Cancel()))
    (folder,) = places.models.glob("*/*/*")
    assert not {WHOLE, *SMALL} & set(files_of(folder))


def test_without_room_for_all_nothing_is_fetched(
    models: Models, hub: FakeHub, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(hub, FIRST, SECOND, size_bytes=1 << 20)
    hub.announced_bytes = 1 << 52
    with pytest.raises(NoRoomForDownload):
        finish(models.checkpoints.download(wanted(FIRST), Cancel()))
    assert hub.bodies() == []
    assert [path for path in places.models.rglob("*") if path.is_file()] == []


def test_without_its_tokenizer_nothing_is_fetched(models: Models, hub: FakeHub) -> None:
    put(hub, WHOLE)
    del hub.files[f"{TRAINED}/tokenizer.json"]
    with pytest.raises(HubNotFound, match="tokenizer.json"):
        finish(models.checkpoints.download(wanted(), Cancel()))
    assert hub.bodies() == []


@pytest.mark.parametrize(
    "file", ["sub/model.safetensors", "adapter_model.safetensors", "model.safetensors/..", "a.bin"]
)
def test_other_weights_are_not_asked_for(file: str) -> None:
    with pytest.raises(TextNotAccepted):
        wanted(file)


def test_what_had_arrived_before_a_kill_is_not_fetched_again(models: Models, hub: FakeHub, places: Places) -> None:
    contents = put(hub, FIRST, SECOND, size_bytes=20 << 20)
    hub.stall_after = 30 << 20
    work = models.checkpoints.download(wanted(FIRST), Cancel())
    for event in work:
        if isinstance(event, Progressed) and event.done >= 28 << 20:
            os.kill(fetcher_pid(), signal.SIGKILL)
            break
    with pytest.raises(WorkerDied):
        finish(work)
    assert not (wanted().folder(models.endpoint, places) / "config.json").exists()
    hub.stall_after = None
    hub.go_on.set()
    sent = hub.sent
    assert files_of(finish(models.checkpoints.download(wanted(FIRST), Cancel()))) == contents
    assert hub.sent - sent < 24 << 20


def test_a_stop_keeps_what_has_arrived_until_it_is_given_up(engine: Engine, hub: FakeHub) -> None:
    put(hub, WHOLE, size_bytes=20 << 20)
    hub.stall_after = 10 << 20
    download, cancel = engine.downloads.add(TRAINED, WHOLE), Cancel()
    work = engine.downloads.work(cancel)
    for event in work:
        if isinstance(event, Progressed) and event.done >= 8 << 20:
            cancel.press()
            break
    with pytest.raises(Cancelled):
        finish(work)
    assert list(engine.places.models.rglob("*.part"))
    assert engine.downloads.get(download.id).done_bytes >= 8 << 20
    finish(engine.downloads.remove(download.id, Cancel()))
    assert list(engine.places.models.iterdir()) == []


def test_a_newer_version_takes_the_place_of_all_or_nothing(models: Models, hub: FakeHub) -> None:
    put(hub, WHOLE)
    folder = finish(models.checkpoints.download(wanted(), Cancel()))
    contents = put(hub, WHOLE, commit="b" * 40)
    assert finish(models.checkpoints.download(wanted(), Cancel())) == folder
    assert files_of(folder) == contents


def test_through_the_queue_it_ends_with_its_folder_which_stays(engine: Engine, hub: FakeHub) -> None:
    contents = put(hub, WHOLE)
    engine.downloads.add(TRAINED, WHOLE)
    (ended,) = [event for event in engine.downloads.work(Cancel()) if isinstance(event, DownloadEnded)]
    assert ended.model is None
    assert ended.error is None
    assert ended.folder is not None
    assert files_of(ended.folder) == contents
    assert engine.downloads.all() == ()


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """A hub without files or faults."""
    with FakeHub() as running:
        yield running


@pytest.fixture
def engine(places: Places, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The whole engine, which knows that hub."""
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    with Engine.open(places) as opened:
        yield opened


def test_what_was_fetched_is_converted_and_deleted_by_the_commands(
    engine: Engine, hub: FakeHub, tmp_path: Path
) -> None:
    pytest.importorskip("transformers", reason="checkpoints are made with transformers")
    from tests.fakes.checkpoints import byte_level, checkpoint

    made = tmp_path / "made"
    checkpoint(made, "LlamaForCausalLM", byte_level("llama-bpe"), form="bfloat16")
    for path in made.iterdir():
        hub.put(TRAINED, path.name, path.read_bytes(), lfs=path.suffix == ".safetensors")
    told = said(engine, "get", TRAINED, WHOLE)
    folder = Path(told["folder"])
    model = said(engine, "convert", str(folder), "--delete-download")
    assert model["name"] == "Model-1B"
    assert [path.suffix for path in engine.places.models.iterdir()] == [".gguf"]


def test_a_folder_that_was_not_downloaded_is_not_deleted(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "models--a--b" / "snapshots" / "c"
    folder.mkdir(parents=True)
    (folder / WHOLE).write_bytes(b"x")
    with pytest.raises(TextNotAccepted):
        finish(engine.converting.convert(folder, Cancel(), deletes=True))
    assert folder.exists()
    shutil.rmtree(folder)


def said(engine: Engine, *words: str) -> dict[str, object]:
    """What a command prints as JSON."""
    out, err = io.StringIO(), io.StringIO()
    screen = Screen(wants_json=True, out=out, err=err)
    arguments = parser().parse_args(["models", *words])
    assert arguments.run(engine, arguments, screen) == 0
    found: dict[str, object] = json.loads(out.getvalue())
    return found
