"""Converting from the outside: what is told, where the file lies, and that there is all of it or nothing."""

import io
import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import gguf
import psutil
import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.convert import converting
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import Cancelled, DiskFull, FileMissing, NotEnoughRoom, TextNotAccepted, WorkerDied
from engine.events import Changed, Progressed
from engine.quantizations import Recipe
from engine.types import ModelOrigin, Role, Turn, Wanted
from engine.worker.converter import making
from engine.worker.converter.sources import Sources
from tests.fakes.checkpoints import TEMPLATE, byte_level, checkpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that can be converted, made once."""
    folder = tmp_path_factory.mktemp("whole") / "Tiny-1B"
    checkpoint(folder, "LlamaForCausalLM", byte_level("llama-bpe"), several=True, form="bfloat16")
    return folder


def test_the_new_model_is_in_the_library_and_writes_and_can_be_made_smaller(engine: Engine, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    work, seen = engine.converting.convert(folder, Cancel()), []
    while True:
        try:
            seen.append(next(work))
        except StopIteration as end:
            made = end.value
            break
    assert seen[-1] == Changed(what="models")
    told = [event for event in seen if isinstance(event, Progressed)]
    assert told[-1].done == told[-1].total == made.path.stat().st_size
    assert {event.unit for event in told} == {"bytes"}
    assert engine.models.get(made.id) == made
    assert (made.origin, made.made, made.path.parent) == (ModelOrigin.MADE, None, engine.places.models)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    smaller = finish(engine.quantizing.quantize(made.id, Recipe(quantization="Q8_0"), Cancel()))
    directly = finish(engine.converting.convert(folder, Cancel(), form="Q8_0"))
    one, two = ({tensor.name: tensor.data.tobytes() for tensor in gguf.GGUFReader(model.path).tensors}
                for model in (smaller, directly))  # fmt: skip
    assert one == two, "Q8_0 is llama.cpp's own to the byte"
    with Engine.open(Places(engine.places.data.parent / "other")) as real:
        model = finish(real.models.add(made.path, Cancel()))
        wanted = Wanted(context_tokens=256, answer_tokens=4, threads=1)
        assert finish(real.runtime.generate(model, [Turn(role=Role.USER, text="a")], wanted, Cancel())).text


def test_licence_source_languages_and_template_are_in_the_file(engine: Engine, folder: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "models--somebody--Tiny-1B" / "snapshots" / "0123"
    shutil.copytree(folder, snapshot)
    (snapshot / "chat_template.jinja").write_text(TEMPLATE + "{# newer #}", encoding="utf-8")
    model = finish(engine.converting.convert(snapshot, Cancel()))
    fields = gguf.GGUFReader(model.path).fields
    told = {name: fields[name].contents() for name in fields if name.startswith("general.")}
    assert told["general.name"] == "Tiny-1B"
    assert told["general.license"] == "apache-2.0"
    assert told["general.languages"] == ["en", "ja"]
    assert told["general.source.repo_url"] == "https://huggingface.co/somebody/Tiny-1B"
    assert told["general.base_model.0.repo_url"] == "https://huggingface.co/somebody/Parent-1B"
    assert model.facts.template == TEMPLATE + "{# newer #}"


def test_it_is_written_where_the_person_says_and_over_nothing(engine: Engine, folder: Path, tmp_path: Path) -> None:
    target, other = tmp_path / "mine.gguf", tmp_path / "other.gguf"
    made = finish(engine.converting.convert(folder, Cancel(), to=target))
    assert (made.path, made.name, made.origin) == (target, "mine", ModelOrigin.DISK)
    other.write_text("somebody's")
    weights = next(folder.glob("*.safetensors"))
    for path, why in ((other, "already"), (target, "already"), (weights, "made from"), (tmp_path / "a.bin", "end in")):
        with pytest.raises(TextNotAccepted, match=why):
            finish(engine.converting.convert(folder, Cancel(), to=path))
    with pytest.raises(FileMissing):
        finish(engine.converting.convert(folder, Cancel(), to=tmp_path / "no" / "folder.gguf"))
    assert other.read_text() == "somebody's"


def test_two_of_one_name_lie_beside_each_other(engine: Engine, folder: Path) -> None:
    first, second = (finish(engine.converting.convert(folder, Cancel())) for _ in range(2))
    assert (first.path.name, second.path.name) == ("Tiny-1B.gguf", "Tiny-1B-2.gguf")


@pytest.fixture
def watched(engine: Engine) -> Iterator[Callable[[Callable[[], None]], None]]:
    """Does something as soon as there is something of a file."""
    threads = []

    def start(act: Callable[[], None]) -> None:
        def look() -> None:
            while not list(engine.places.models.rglob(converting.PART)):
                threading.Event().wait(0.001)
            act()

        threads.append(threading.Thread(target=look))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join()


def test_a_stop_leaves_nothing(
    engine: Engine, folder: Path, tidy: Callable[[], bool], watched: Callable[[Callable[[], None]], None]
) -> None:
    cancel = Cancel()
    watched(cancel.press)
    with pytest.raises(Cancelled):
        finish(engine.converting.convert(folder, cancel))
    assert tidy()
    assert engine.models.all() == ()


def test_a_process_that_dies_leaves_nothing(
    engine: Engine, folder: Path, tidy: Callable[[], bool], watched: Callable[[Callable[[], None]], None]
) -> None:
    def kill() -> None:
        for child in psutil.Process().children(recursive=True):
            if converting.MODULE in " ".join(child.cmdline()):
                child.kill()

    watched(kill)
    with pytest.raises(WorkerDied):
        finish(engine.converting.convert(folder, Cancel()))
    assert tidy()
    assert engine.models.all() == ()


def test_a_model_that_is_larger_than_what_is_free_is_not_begun(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = making.ROOM_LEFT_BYTES + 1000
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(free, 0, free))
    sources = Sources(str(folder), {path.name: str(path) for path in folder.iterdir()})
    with pytest.raises(NotEnoughRoom, match="takes .* MB, and the disk"):
        making.made(sources, tmp_path / "new.gguf", "", "a", "", lambda done, total: None)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is there on Linux only")
def test_a_disk_that_fills_up_while_it_is_written_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "ROOM_LEFT_BYTES", 0)
    sources = Sources(str(folder), {path.name: str(path) for path in folder.iterdir()})
    with pytest.raises(DiskFull):
        making.made(sources, Path("/dev/full"), "", "a", "", lambda done, total: None)


def test_the_command_converts_and_tells_what_came_of_it(engine: Engine, folder: Path, tmp_path: Path) -> None:
    def said(*words: str, wants_json: bool = False) -> str:
        given, out, err = parser().parse_args(["models", "convert", *words]), io.StringIO(), io.StringIO()
        assert given.run(engine, given, Screen(wants_json=wants_json, out=out, err=err)) == 0
        return out.getvalue()

    assert said(str(folder)).startswith("Converted: Tiny-1B (BF16, ")
    told = json.loads(said(str(folder), "--type", "f16", "--output", str(tmp_path / "mine.gguf"), wants_json=True))
    assert (told["path"], told["facts"]["quantization"]) == (str(tmp_path / "mine.gguf"), "F16")
