"""`hanare documents`: what was added, by number, path or folder, into the trash and out of it."""

import io
import json
from pathlib import Path

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Cancel, Engine, finish
from engine.errors import NotFound


def run(engine: Engine, *words: str) -> str:
    """What a command printed; it must have gone well."""
    given, out = parser().parse_args(["documents", *words]), io.StringIO()
    assert given.run(engine, given, Screen(wants_json=getattr(given, "json", False), out=out)) == 0
    return out.getvalue()


@pytest.fixture
def papers(engine: Engine, tmp_path: Path) -> Path:
    """A folder with two documents, added, beside a third."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in ("plums.txt", "pears.txt"):
        (folder / name).write_text(f"{name} is about fruit.")
    (folder / "broken.pdf").write_bytes(b"no PDF")
    other = tmp_path / "other.txt"
    other.write_text("Something else.")
    finish(engine.documents.add([folder, other], Cancel()))
    return folder


def names(printed: str) -> list[str]:
    return sorted(Path(one["path"]).name for one in json.loads(printed)["documents"])


def test_the_list_says_what_could_not_be_read(engine: Engine, papers: Path) -> None:
    told = run(engine, "list")
    assert len(told.splitlines()) == 4
    assert "plums.txt" in told
    assert "1 passage)" in told
    assert "not read: " in next(line for line in told.splitlines() if "broken.pdf" in line)


def test_documents_are_removed_restored_and_erased_by_number_path_or_folder(
    engine: Engine, papers: Path, tmp_path: Path
) -> None:
    number = next(one.id for one in engine.documents.all() if one.path.name == "other.txt")
    assert run(engine, "remove", str(number), str(papers / "plums.txt")) == "2 documents put in the trash.\n"
    assert names(run(engine, "trash", "--json")) == ["other.txt", "plums.txt"]
    assert "removed 2" in run(engine, "trash")
    run(engine, "remove", str(papers))  # those that are left of it
    assert engine.documents.all() == ()
    run(engine, "restore", str(papers))
    assert names(run(engine, "list", "--json")) == ["broken.pdf", "pears.txt", "plums.txt"]
    assert run(engine, "erase", str(tmp_path)) == "1 document erased.\n"
    assert run(engine, "trash") == "The trash is empty.\n"
    assert (tmp_path / "other.txt").exists()


@pytest.mark.parametrize("words", [("remove", "999"), ("restore", "plums.txt"), ("erase", "1")])
def test_what_is_not_there_is_named_and_nothing_else_is_done(
    engine: Engine, papers: Path, words: tuple[str, str]
) -> None:
    with pytest.raises(NotFound, match=words[1]):
        run(engine, words[0], str(papers), words[1]) if words[0] == "remove" else run(engine, *words)
    assert len(engine.documents.all()) == 4
