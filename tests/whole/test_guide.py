"""The guide that ships, in a real process: it answers, and over documents it stays unasked."""

from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, Places, finish
from engine.places import RESOURCES
from engine.types import MessageState

SHIPPED = RESOURCES / "models" / "hanare-guide.gguf"
LEASE = "The deposit is 1,200 euro. It is returned within thirty days.\n\nPets are welcome here. Dogs pay nothing."
QUESTION = "When is the deposit returned?"


@pytest.mark.skipif(not SHIPPED.is_file(), reason="the guide has not been trained yet: make guide-model")
def test_the_guide_that_ships_answers_and_documents_answer_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.places.GUIDE", SHIPPED)
    (tmp_path / "lease.txt").write_text(LEASE, encoding="utf-8")
    with Engine.open(Places(tmp_path / "data")) as engine:
        finish(engine.documents.add([tmp_path / "lease.txt"], Cancel()))
        guide, chat = next(model for model in engine.models.all() if model.built_in), engine.chats.new()
        quoted = finish(engine.chats.send(chat.id, QUESTION, Cancel(), guide.id, with_documents=True))
        assert "It is returned within thirty days. [1]" in quoted.text
        assert engine.runtime.loaded() == ()
        assert guide.facts.sampling == {"temperature": 0.0}
        answer = finish(engine.chats.send(chat.id, "How do I add documents?", Cancel(), guide.id))
        assert answer.state is MessageState.COMPLETE
        assert "<|" not in answer.text
        assert "ocument" in answer.text
        again = finish(engine.chats.regenerate(answer.id, Cancel(), guide.id))
        assert again.text == answer.text
