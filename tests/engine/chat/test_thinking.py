"""Whether a model thinks first: each chat may say it otherwise than the settings."""

from collections.abc import Callable

import pytest

from engine.engine import Cancel, Engine, finish
from engine.errors import NotFound
from engine.types import Model

AddModel = Callable[..., Model]
MOOD = {True: "thinking", False: "at once"}


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("temporary", [False, True])
@pytest.mark.parametrize("chosen", [None, False, True])
def test_a_chat_thinks_as_it_was_set_and_else_as_the_settings_say(
    engine: Engine, add_model: AddModel, everywhere: bool, temporary: bool, chosen: bool | None
) -> None:
    engine.change_settings(thinking=everywhere)
    model, chat = add_model(), engine.chats.new(temporary=temporary)
    engine.chats.set_thinking(chat.id, chosen)
    assert engine.chats.get(chat.id).thinking is chosen
    said = finish(engine.chats.send(chat.id, "!mood", Cancel(), model.id)).text
    assert said == MOOD[everywhere if chosen is None else chosen]


def test_a_chat_that_is_not_there_cannot_be_set(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.chats.set_thinking(99, True)
