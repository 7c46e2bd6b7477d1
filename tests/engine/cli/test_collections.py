"""`hanare collections`: made, filled, renamed and deleted in a terminal."""

import io
import json
from pathlib import Path

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Cancel, Engine, finish
from engine.errors import NotFound, TextNotAccepted


def run(engine: Engine, *words: str) -> str:
    """What a command printed; it must have gone well."""
    given, out = parser().parse_args(words), io.StringIO()
    assert given.run(engine, given, Screen(wants_json=getattr(given, "json", False), out=out)) == 0
    return out.getvalue()


@pytest.fixture
def papers(engine: Engine, tmp_path: Path) -> Path:
    """A folder with two documents, added, beside a third."""
    folder = tmp_path / "papers"
    (folder / "old").mkdir(parents=True)
    for name in ("plums.txt", "old/pears.txt"):
        (folder / name).write_text(f"{name} is about fruit.")
    other = tmp_path / "other.txt"
    other.write_text("Something else about fruit.")
    finish(engine.documents.add([folder, other], Cancel()))
    return folder


def test_documents_and_folders_are_put_in_and_listed(engine: Engine, papers: Path, tmp_path: Path) -> None:
    assert "no collections yet" in run(engine, "collections", "list")
    told = run(engine, "collections", "add", "Fruit", str(papers), str(tmp_path / "other.txt"))
    assert told.splitlines()[0] == "Fruit: 3 documents"
    assert f"all in {papers}" in told
    run(engine, "collections", "add", "Old", str(papers / "old"))
    listed = json.loads(run(engine, "collections", "list", "--json"))["collections"]
    assert listed[0] == {
        "name": "Fruit", "documents": 3, "folders": [str(papers)], "put_in": [str(tmp_path / "other.txt")],
    }  # fmt: skip
    assert listed[1] == {"name": "Old", "documents": 1, "folders": [], "put_in": [str(papers / "old" / "pears.txt")]}
    found = json.loads(run(engine, "search", "fruit in:old", "--by", "words", "--json"))["hits"]
    assert [Path(hit["file"]).name for hit in found] == ["pears.txt"]


def test_what_was_put_in_is_taken_out_and_what_is_in_with_its_folder_is_not(
    engine: Engine, papers: Path, tmp_path: Path
) -> None:
    run(engine, "collections", "add", "Fruit", str(papers), str(tmp_path / "other.txt"))
    assert run(engine, "collections", "remove", "fruit", str(tmp_path / "other.txt")).startswith("Fruit: 2 documents")
    with pytest.raises(TextNotAccepted, match="it is in it with its folder"):
        run(engine, "collections", "remove", "fruit", str(papers / "plums.txt"))
    with pytest.raises(NotFound, match="in “Fruit” that is called"):
        run(engine, "collections", "remove", "fruit", str(tmp_path / "other.txt"))
    assert run(engine, "collections", "remove", "fruit", str(papers)) == "Fruit: 0 documents\n"
    assert len(engine.documents.all()) == 3


def test_a_collection_is_renamed_and_deleted(engine: Engine, papers: Path) -> None:
    run(engine, "collections", "add", "Fruit", str(papers))
    assert run(engine, "collections", "rename", "FRUIT", "果物").splitlines()[0] == "果物: 2 documents"
    assert run(engine, "collections", "delete", "果物") == "果物 deleted. Its documents stay.\n"
    assert len(engine.documents.all()) == 3
    with pytest.raises(NotFound, match="果物"):
        run(engine, "collections", "delete", "果物")


def test_nothing_is_made_for_what_is_not_there(engine: Engine, papers: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nowhere\.txt"):
        run(engine, "collections", "add", "Fruit", str(papers), str(tmp_path / "nowhere.txt"))
    assert engine.documents.collections.all() == ()
