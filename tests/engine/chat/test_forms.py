"""The form of a chat's answers: kept with the chat and with each answer, told to the model, and not in its way."""

from collections.abc import Callable

import pytest

from engine.engine import Cancel, Engine, finish
from engine.errors import FormNotUsable, NotFound
from engine.forms import FREE, Form, FormKind, Judged, Verdict
from engine.forms.asking import MOST_TOLD, told
from engine.store.values import form_as_json, form_from_json, judged_as_json, judged_from_json
from engine.types import Model

SCHEMA = Form(kind=FormKind.SCHEMA, source='{"type": "object"}')


def test_a_form_is_kept_with_its_chat_and_the_verdict_with_each_answer(
    engine: Engine, add_model: Callable[..., Model]
) -> None:
    model = add_model()
    for temporary in (False, True):
        chat = engine.chats.new(temporary=temporary)
        engine.chats.set_form(chat.id, SCHEMA)
        message = finish(engine.chats.send(chat.id, "!judged:invalid here", Cancel(), model.id))
        assert message.form is FormKind.SCHEMA
        assert message.judged == Judged(verdict=Verdict.INVALID, problem="it is no JSON object")
        assert engine.chats.get(chat.id).form == SCHEMA
        assert engine.chats.messages(chat.id)[-1] == message
        engine.chats.set_form(chat.id, FREE)
        assert finish(engine.chats.send(chat.id, "plain", Cancel(), model.id)).judged == Judged()


def test_a_form_that_cannot_be_used_is_not_kept(engine: Engine) -> None:
    chat = engine.chats.new()
    with pytest.raises(FormNotUsable):
        engine.chats.set_form(chat.id, Form(kind=FormKind.SCHEMA, source="{"))
    assert engine.chats.get(chat.id).form == FREE
    with pytest.raises(NotFound):
        engine.chats.set_form(999, SCHEMA)


def test_a_model_is_told_of_json_and_of_a_schema_that_is_not_too_long() -> None:
    assert told("Be kind.", FREE) == "Be kind."
    assert told("Be kind.", Form(kind=FormKind.GRAMMAR, source='root ::= "a"')) == "Be kind."
    assert "one JSON object" in told("Be kind.", Form(kind=FormKind.JSON))
    assert SCHEMA.source in told("Be kind.", SCHEMA)
    long = Form(kind=FormKind.SCHEMA, source=" " * MOST_TOLD + SCHEMA.source)
    assert len(told("Be kind.", long)) < 200


def test_what_only_a_later_program_understands_reads_as_free_text() -> None:
    assert form_from_json(form_as_json(SCHEMA)) == SCHEMA
    assert form_as_json(FREE) is None
    assert form_from_json('{"kind": "xml", "source": ""}') == form_from_json(None) == FREE
    judged = Judged(verdict=Verdict.INVALID, problem="p", place="/a")
    assert judged_from_json(judged_as_json(FormKind.JSON, judged)) == (FormKind.JSON, judged)
    assert judged_from_json('{"form": "xml"}') == judged_from_json(None) == (FormKind.TEXT, Judged())
