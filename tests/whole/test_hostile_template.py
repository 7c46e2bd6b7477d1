"""A model whose chat template is hostile still answers, by another template, and says so."""

from pathlib import Path

import pytest

from engine.chat.answer import TEMPLATES as FALLBACKS
from engine.engine import Cancel, Engine, Places, finish
from engine.types import MessageState
from tests.fakes import tiny_gguf
from tests.reliability.hostile_templates import TEMPLATES

NOT_USED = "The model's own chat template was not used because it "
MOST_SENT = 20  # one of them fails only after an answer, and random weights often answer nothing


@pytest.mark.parametrize("name", ["loops", "syntax", "well until asked"])
def test_a_model_with_a_hostile_template_answers_and_the_answer_says_so(tmp_path: Path, name: str) -> None:
    with Engine.open(Places(tmp_path / "data")) as engine:
        engine.change_settings(answer_tokens=64)
        model = finish(engine.models.add(tiny_gguf.write(tmp_path / "m.gguf", template=TEMPLATES[name]), Cancel()))
        chat = engine.chats.new()
        for _ in range(MOST_SENT):
            answer = finish(engine.chats.send(chat.id, "hello", Cancel(), model.id))
            if NOT_USED in answer.note:
                break
    assert answer.state in (MessageState.COMPLETE, MessageState.CUT)
    assert NOT_USED in answer.note
    assert any(name in answer.note for name in FALLBACKS.values())
