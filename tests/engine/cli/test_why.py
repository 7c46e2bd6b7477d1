"""`hanare why`: what was found and how, why a file was not, and what an answer leans on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, finish
from engine.types import Model
from tests.engine.cli.test_commands import run

AddModel = Callable[..., Model]


@pytest.fixture
def folder(engine: Engine, tmp_path: Path) -> Path:
    """Two notes among the documents, and one that is not."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "rent.txt").write_text("The rent is due on the first day of each month.", encoding="utf-8")
    (folder / "cat.txt").write_text("A cat sleeps most of the day.", encoding="utf-8")
    finish(engine.documents.add([folder], Cancel()))
    (folder / "late.txt").write_text("The rent is late.", encoding="utf-8")
    return folder


def test_without_a_model_it_tells_how_passages_are_found(engine: Engine, folder: Path) -> None:
    status, out = run(engine, "why", "When is the rent due?")
    assert status == 0
    assert "1. rent.txt" in out
    assert "by words 1st (bm25 " in out
    assert "Meaning was not searched." in out
    assert "leans on" not in out


def test_a_file_that_is_not_found_says_why(engine: Engine, folder: Path) -> None:
    _, out = run(engine, "why", "rent due", "--file", str(folder / "cat.txt"))
    assert "cat.txt: It is not found: it holds none of the words" in out
    _, out = run(engine, "why", "rent due", "--file", str(folder / "late.txt"))
    assert "late.txt: It is not among your documents yet" in out
    _, out = run(engine, "why", "rent due", "--file", str(folder / "rent.txt"))
    assert "rent.txt: It is found: 1st in the list." in out
    assert "That holds: rent, due." in out


def test_with_a_model_it_writes_an_answer_and_tells_what_it_leans_on(
    engine: Engine, folder: Path, add_model: AddModel
) -> None:
    add_model("plum")
    status, out = run(engine, "why", "rent first day", "--model", "plum")
    assert status == 0
    assert out.index("What the answer leans on") < out.index("Without any passage: ") < out.index("What was found")
    assert "bits a token  [1] rent.txt" in out
    assert "entered the prompt" in out


def test_as_json_it_holds_all_of_it(engine: Engine, folder: Path, add_model: AddModel) -> None:
    add_model("plum")
    status, out = run(engine, "why", "rent first day", "--model", "plum", "--file", str(folder / "cat.txt"), "--json")
    assert status == 0
    told = json.loads(out)
    assert told["found"][0]["file"] == str(folder / "rent.txt")
    assert told["found"][0]["given"] == "given"
    assert told["found"][0]["word_score"] > 0
    assert told["file"]["standing"] == "listed" or told["file"]["standing"] == "not found"
    assert told["answer"]["text"]
    assert {share["number"] for share in told["why"]["shares"]} == {one["number"] for one in told["answer"]["sources"]}
    assert told["why"]["tokens"] > 0


def test_what_is_nowhere_is_said(engine: Engine, folder: Path) -> None:
    status, out = run(engine, "why", "zeppelin")
    assert status == 0
    assert "Nothing was found." in out


def test_a_file_is_named_by_its_name_or_a_part_of_it(
    engine: Engine, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # there is no such file here
    _, out = run(engine, "why", "rent due", "--file", "rent")
    assert "rent.txt: It is found: 1st in the list." in out
    _, out = run(engine, "why", "rent due", "--file", "LATE.txt")
    assert "late.txt: It is not among your documents yet" in out
    _, out = run(engine, "why", "rent due", "--file", ".txt")
    assert "3 files fit .txt. Name one by its path:" in out
    assert str(folder / "cat.txt") in out
    status, out = run(engine, "why", "rent due", "--file", "nowhere")
    assert status == 0
    assert "nowhere: No file of that name is among your documents or in the folders" in out
    _, out = run(engine, "why", "rent due", "--file", "notes/cat.txt")
    assert "cat.txt: It is not found" in out
    _, out = run(engine, "why", "rent due", "--file", ".txt", "--json")
    assert sorted(json.loads(out)["files"]) == sorted(str(path) for path in folder.iterdir())
