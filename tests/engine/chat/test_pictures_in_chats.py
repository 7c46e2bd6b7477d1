"""Pictures of messages: kept with their chat and gone with it, shown to models that see and to no others."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.chat.pictures import MOST_PICTURES, MOST_SHOWN, NOT_SEEN, SOME_SEEN, for_model
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import FileMissing, ModelCannotSee, NotFound, PictureNotUsable, TextNotAccepted
from engine.types import Message, Model, Picture, Role
from tests.fakes import pictures, tiny_gguf, tiny_projector

FAKE = "tests.fakes.model_worker"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine.open(Places(tmp_path / "data"), model_process=FAKE, vision_process=FAKE) as opened:
        yield opened


@pytest.fixture
def blind(engine: Engine, tmp_path: Path) -> Model:
    return finish(engine.models.add(tiny_gguf.write(tmp_path / "blind" / "parrot.gguf"), Cancel()))


@pytest.fixture
def model(engine: Engine, tmp_path: Path) -> Model:
    tiny_projector.write(tmp_path / "seeing" / "mmproj-owl.gguf")
    return finish(engine.models.add(tiny_gguf.write(tmp_path / "seeing" / "owl.gguf"), Cancel()))


@pytest.fixture(autouse=True)
def folders(tmp_path: Path) -> None:
    for name in ("blind", "seeing"):
        (tmp_path / name).mkdir()


@pytest.fixture
def picture(engine: Engine, tmp_path: Path) -> Picture:
    (tmp_path / "plum.png").write_bytes(pictures.file())
    return finish(engine.pictures.take(tmp_path / "plum.png", Cancel()))


def test_a_picture_is_kept_with_its_message(engine: Engine, model: Model, picture: Picture) -> None:
    chat = engine.chats.new()
    finish(engine.chats.send(chat.id, "What is this?", Cancel(), model.id, pictures=[picture]))
    question, answer = engine.chats.messages(chat.id)
    assert question.pictures == (picture,)
    assert question.pictures[0].name == "plum.png"
    assert question.pictures[0].thumbnail == picture.thumbnail
    assert engine.chats.picture_data(question.pictures[0]) == picture.data
    assert not answer.pictures


def test_a_picture_alone_asks_and_names_the_chat(engine: Engine, model: Model, picture: Picture) -> None:
    chat = engine.chats.new()
    finish(engine.chats.send(chat.id, " ", Cancel(), model.id, pictures=[picture]))
    assert engine.chats.get(chat.id).title == "plum.png"
    with pytest.raises(TextNotAccepted):
        finish(engine.chats.send(chat.id, " ", Cancel(), model.id))


def test_another_version_of_a_question_keeps_its_pictures(engine: Engine, model: Model, picture: Picture) -> None:
    chat = engine.chats.new()
    finish(engine.chats.send(chat.id, "What?", Cancel(), model.id, pictures=[picture]))
    first = engine.chats.messages(chat.id)[0]
    finish(engine.chats.edit(first.id, "What is it?", Cancel(), model.id))
    second = engine.chats.messages(chat.id)[0]
    assert second.id != first.id
    assert second.pictures == first.pictures
    assert engine.chats.picture_data(second.pictures[0]) == picture.data


def test_a_model_that_does_not_see_refuses_and_nothing_is_kept(engine: Engine, blind: Model, picture: Picture) -> None:
    chat = engine.chats.new()
    with pytest.raises(ModelCannotSee):
        finish(engine.chats.send(chat.id, "What is this?", Cancel(), blind.id, pictures=[picture]))
    assert not engine.chats.messages(chat.id)


def test_a_model_that_does_not_see_goes_on_without_the_earlier_pictures_and_says_so(
    engine: Engine, model: Model, blind: Model, picture: Picture
) -> None:
    chat = engine.chats.new()
    finish(engine.chats.send(chat.id, "What is this?", Cancel(), model.id, pictures=[picture]))
    answer = finish(engine.chats.send(chat.id, "And now?", Cancel(), blind.id))
    assert NOT_SEEN in answer.note


def test_too_many_pictures_with_one_message_are_refused(engine: Engine, model: Model, picture: Picture) -> None:
    chat = engine.chats.new()
    with pytest.raises(TextNotAccepted, match=f"the most is {MOST_PICTURES}"):
        finish(engine.chats.send(chat.id, "x", Cancel(), model.id, pictures=[picture] * (MOST_PICTURES + 1)))


def test_the_last_pictures_of_a_long_chat_are_shown_and_the_note_says_so(model: Model, picture: Picture) -> None:
    said = [
        Message(id=id, chat_id=1, parent_id=None, role=Role.USER, text="", pictures=(picture,) * 5) for id in range(4)
    ]
    shown, note = for_model(said, model, lambda one: one.data)
    assert [len(message.pictures) for message in shown] == [0, 2, 5, 5]
    assert note == SOME_SEEN.format(count=MOST_SHOWN)


def test_an_erased_chat_takes_its_pictures_along(engine: Engine, model: Model, picture: Picture) -> None:
    chat = engine.chats.new()
    finish(engine.chats.send(chat.id, "What is this?", Cancel(), model.id, pictures=[picture]))
    kept = engine.chats.messages(chat.id)[0].pictures[0]
    engine.chats.delete(chat.id)
    assert engine.chats.picture_data(kept) == picture.data  # in the trash
    engine.chats.purge(chat.id)
    with pytest.raises(NotFound):
        engine.chats.picture_data(kept)


def test_a_picture_is_nowhere_on_the_disk_to_be_read(engine: Engine, model: Model, picture: Picture) -> None:
    for temporary in (False, True):
        chat = engine.chats.new(temporary=temporary)
        finish(engine.chats.send(chat.id, "What is this?", Cancel(), model.id, pictures=[picture]))
    for path in engine.places.data.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert picture.data[40:80] not in raw
            assert picture.thumbnail[40:80] not in raw


def test_a_temporary_chat_keeps_its_pictures_in_memory(engine: Engine, model: Model, picture: Picture) -> None:
    chat = engine.chats.new(temporary=True)
    finish(engine.chats.send(chat.id, "What is this?", Cancel(), model.id, pictures=[picture]))
    (kept,) = engine.chats.messages(chat.id)[0].pictures
    assert kept.id < 0
    assert engine.chats.picture_data(kept) == picture.data
    engine.chats.purge(chat.id)
    with pytest.raises(NotFound):
        engine.chats.picture_data(replace(kept, data=b""))


def test_what_is_no_file_is_refused_in_a_sentence(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        finish(engine.pictures.take(tmp_path / "none.png", Cancel()))
    with pytest.raises(PictureNotUsable, match="none that Hanare knows"):
        finish(engine.pictures.take_pasted(b"", Cancel()))
