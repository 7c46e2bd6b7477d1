"""A temporary chat is a chat like any other, but that no byte of it reaches a disk."""

from collections.abc import Callable

import pytest

from engine.engine import Cancel, Engine, finish
from engine.errors import NotFound
from engine.types import MessageState, Model

MARKER = "quittenmarmelade"
AddModel = Callable[..., Model]


def everything(engine: Engine) -> bytes:
    folders = (engine.places.data, engine.places.backups)
    return b"".join(path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file())


def decrypted(engine: Engine) -> str:
    rows = engine._store._vault.rows("SELECT text AS word FROM message UNION ALL SELECT title FROM chat")
    return " ".join(row["word"] for row in rows)


def test_it_is_talked_to_edited_and_answered_again_as_any_chat(engine: Engine, add_model: AddModel) -> None:
    model = add_model()
    for temporary in (True, False):
        chat = engine.chats.new(temporary=temporary)
        assert (chat.id < 0) is temporary
        finish(engine.chats.send(chat.id, "one two", Cancel(), model.id))
        question, answer = engine.chats.messages(chat.id)
        finish(engine.chats.regenerate(answer.id, Cancel(), model.id))
        finish(engine.chats.edit(question.id, "three", Cancel(), model.id))
        shown = engine.chats.messages(chat.id)
        assert [(each.text, each.version, each.versions) for each in shown] == [("three", 2, 2), ("three", 1, 1)]
        engine.chats.show_version(question.id)
        shown = engine.chats.messages(chat.id)
        assert [(each.text, each.version, each.versions) for each in shown] == [("one two", 1, 2), ("one two", 2, 2)]
        assert engine.chats.get(chat.id).title == "three"
        assert engine.chats.get(chat.id).model_id == model.id
        engine.chats.rename(chat.id, "Jam")
        assert engine.chats.get(chat.id).title == "Jam"


def test_a_stopped_answer_keeps_what_was_written(engine: Engine, add_model: AddModel) -> None:
    model, cancel = add_model(), Cancel()
    chat = engine.chats.new(temporary=True)
    for number, _ in enumerate(engine.chats.send(chat.id, "!slow", cancel, model.id)):
        if number == 10:
            cancel.press()
    answer = engine.chats.messages(chat.id)[-1]
    assert answer.state is MessageState.STOPPED
    assert "tick" in answer.text


def test_nothing_of_it_is_in_any_file_nor_in_the_store_nor_in_a_backup(engine: Engine, add_model: AddModel) -> None:
    model = add_model()
    chat = engine.chats.new(temporary=True)
    finish(engine.chats.send(chat.id, f"{MARKER} please", Cancel(), model.id))
    engine.chats.rename(chat.id, MARKER)
    other = engine.chats.new()
    finish(engine.chats.send(other.id, "kept", Cancel(), model.id))
    backup = finish(engine.backups.make(Cancel()))
    assert MARKER not in decrypted(engine)
    assert "kept" in decrypted(engine)
    assert MARKER.encode() not in everything(engine)
    assert backup.counts.chats == 1


def test_it_is_gone_with_the_program(engine: Engine, add_model: AddModel) -> None:
    model = add_model()
    chat = engine.chats.new(temporary=True)
    finish(engine.chats.send(chat.id, MARKER, Cancel(), model.id))
    engine.close()
    with Engine.open(engine.places) as again:
        assert again.chats.all() == ()
        with pytest.raises(NotFound):
            again.chats.get(chat.id)


def test_it_lies_in_the_trash_and_is_erased_as_any_chat(engine: Engine) -> None:
    first, second = engine.chats.new(temporary=True), engine.chats.new(temporary=True)
    kept = engine.chats.new()
    assert [chat.id for chat in engine.chats.all()] == [second.id, first.id, kept.id]
    engine.chats.delete(first.id)
    assert [chat.id for chat in engine.chats.trash()] == [first.id]
    engine.chats.restore(first.id)
    engine.chats.delete(first.id)
    finish(engine.chats.erase([first.id], Cancel()))
    assert engine.chats.trash() == ()
    with pytest.raises(NotFound):
        engine.chats.messages(first.id)
    with pytest.raises(NotFound):
        engine.chats.show_version(-999)
