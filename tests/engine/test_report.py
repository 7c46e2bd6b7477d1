"""The problem report and the log: what helps, and not one word of anybody's."""

import logging
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, finish
from engine.errors import KINDS, DocumentTooSlow, NotFound, WorkerDied
from engine.journal import MOST_BYTES, Journal
from engine.places import Places
from engine.settings import Settings, described
from engine.types import Role
from tests.fakes import tiny_gguf
from tests.fakes.keychains import Finder, InMemory


def canary() -> str:
    """A word that stands nowhere else."""
    return f"canary{secrets.token_hex(8)}"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and a person, whose names are canaries."""
    folder = tmp_path / canary()
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("USER", "LOGNAME", "USERNAME", "HOSTNAME", "COMPUTERNAME"):
        monkeypatch.setenv(name, canary())
    return folder


@pytest.fixture
def engine(home: Path) -> Iterator[Engine]:
    """An engine in that home."""
    find = Finder(chain=InMemory())
    with Engine.open(Places(home / canary()), model_process="tests.fakes.model_worker", find=find) as opened:
        yield opened


def fill(engine: Engine, home: Path) -> list[str]:
    """500 canaries in every place where a person's words can be."""
    words = [canary() for _ in range(500)]
    take = iter(words)
    engine.change_settings(system_prompt=next(take))
    for _ in range(100):
        chat = engine.chats.new()
        engine.chats.rename(chat.id, next(take))
        engine._store.chats.add_message(chat.id, None, Role.USER, next(take))
    papers = home / "papers"
    papers.mkdir()
    for number in range(60):
        name, text = next(take), next(take)
        if number % 3:
            (papers / f"{name}.txt").write_text(f"The word is {text}.", encoding="utf-8")
        else:
            (papers / f"{name}.pdf").write_bytes(text.encode())  # cannot be read: its error names it
    finish(engine.documents.add([papers], Cancel()))
    for _ in range(20):
        finish(engine.models.add(tiny_gguf.write(home / f"{next(take)}.gguf"), Cancel()))
    for number, word in enumerate(take):
        kinds = list(KINDS.values())
        kind = kinds[number % len(kinds)]
        engine.journal.note(_Any(kind, word))
        engine.journal.note(_raised(word))
    return words


def _Any(kind: type, word: str) -> Exception:
    """An error of this class with the word in every fact."""
    error = kind.__new__(kind)
    Exception.__init__(error, f"it says {word}")
    error.facts = {"path": word, "why": word, "seconds": 12, word: 5}
    return error


def _raised(word: str) -> Exception:
    try:
        raise ValueError(word)
    except ValueError as error:
        return error


def test_of_500_private_words_none_is_in_the_report_nor_in_the_log(
    engine: Engine, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words, typed, kept = fill(engine, home), canary(), canary()
    engine.downloads.add("someone/model", "model.gguf", token=typed)
    finish(engine.hub_token.keep(kept, Cancel()))
    report = finish(engine.report(Cancel()))
    engine.save_report(report, home / "report.txt")
    written = (home / "report.txt").read_text(encoding="utf-8")
    log = engine.places.journal.read_text(encoding="ascii")
    said = "".join(capfd.readouterr())
    private = [
        *words,
        typed,
        kept,
        *home.parts[-1:],
        *engine.places.data.parts[-1:],
        os.environ["USER"],
        os.environ["HOSTNAME"],
    ]
    assert len(words) == 500
    assert engine.documents.counts().documents == 60
    for text in (report.text, written, log, said):
        assert [word for word in private if word in text] == []
        assert str(home) not in text
        assert socket.gethostname() not in text.split()
    assert written == report.text
    assert report.sections["counts"]["chats"] == 100
    assert report.sections["counts"]["documents not read"] == 20
    assert len(report.sections["errors"]) == 50


def test_every_setting_is_in_the_report_and_none_with_text_of_the_persons_own(engine: Engine) -> None:
    shown = finish(engine.report(Cancel())).sections["settings"]
    for name, about in described().items():
        if isinstance(getattr(Settings(), name), str) and not about.choices:
            assert shown[f"{name} is as it came"] is True
        else:
            assert shown[name] == getattr(Settings(), name)


def test_the_report_tells_what_a_check_came_to_and_not_what_it_found(engine: Engine) -> None:
    report = finish(engine.report(Cancel()))
    assert report.sections["checks"]["Store"] is True
    assert str(engine.places.data) not in report.text
    assert "app" in " ".join(report.sections["walls"])


def test_the_log_keeps_names_of_errors_and_numbers(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "errors.log")
    journal.note(DocumentTooSlow(path="/home/ume/letter.pdf", seconds=20.0))
    journal.note(NotFound(what="model", which=7))
    journal.note(_raised("private"))
    entries = journal.last()
    assert [(entry.code, entry.numbers) for entry in entries[:2]] == [
        ("DocumentTooSlow", ("seconds=20.0",)), ("NotFound", ("which=7",)),
    ]  # fmt: skip
    assert entries[2].code.startswith("ValueError@test_report.py:")
    assert "letter" not in (tmp_path / "errors.log").read_text(encoding="ascii")


def test_the_log_does_not_grow_for_ever_and_keeps_the_latest(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "errors.log")
    for number in range(2500):
        journal.note(NotFound(what="chat", which=number))
    assert (tmp_path / "errors.log").stat().st_size < MOST_BYTES + 200
    assert journal.last(1)[0].numbers == ("which=2499",)


def test_a_line_that_is_not_of_the_log_does_not_reach_the_report(tmp_path: Path) -> None:
    path = tmp_path / "errors.log"
    journal = Journal(path)
    journal.note(NotFound(what="chat", which=1))
    with path.open("a", encoding="utf-8") as file:
        file.write("Dear diary, today\n2026-01-01T00:00:00.000000+00:00 Code and=words\n\n")
    assert [entry.code for entry in journal.last()] == ["NotFound"]


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    Journal(tmp_path / "nowhere" / "errors.log").note(NotFound(what="chat", which=1))
    assert Journal(tmp_path / "nowhere" / "errors.log").last() == ()


def test_logging_is_not_touched_by_the_engine(engine: Engine) -> None:
    assert logging.getLogger().handlers == [] or all(
        "pytest" in type(handler).__module__ for handler in logging.getLogger().handlers
    )


def test_an_answer_whose_process_died_is_in_the_log(engine: Engine, home: Path) -> None:
    model = finish(engine.models.add(tiny_gguf.write(home / "echo.gguf"), Cancel()))
    chat = engine.chats.new()
    with pytest.raises(WorkerDied):
        finish(engine.chats.send(chat.id, "!die", Cancel(), model.id))
    assert "WorkerDied" in [entry.code for entry in engine.journal.last()]
