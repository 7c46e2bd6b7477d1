"""The guide in chats and over documents: when it is what answers, what it is told, and what stands in its place."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.chat import follow_up, guide
from engine.chat.answer import wanted_from
from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.context import Part, WhenFull
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import GuideOnlyQuotes, TextNotAccepted
from engine.events import Event, TextAdded, TokenWeighed
from engine.forms import Form, FormKind
from engine.models import prospects
from engine.operation import Operation, heard
from engine.sampling import Odds
from engine.settings import Settings
from engine.types import Message, MessageState, Model, Reach, Refusal, Role, Speed, Written
from tests.fakes import tiny_gguf

LEASE = "The deposit is 1,200 euro. It is returned within thirty days after the end of the tenancy."
QUESTION = "When is the deposit returned?"
RANKED = "The deposit is 1,200 euro. [1]\n\nIt is returned within thirty days after the end of the tenancy. [1]"
UNRELATED = "How deep is the old harbour, and which whales return there?"  # one word of it is in the lease


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An open engine that comes with a guide, and a lease to ask."""
    monkeypatch.setattr("engine.places.GUIDE", tiny_gguf.write(tmp_path / "guide.gguf", sampling={"temp": 0.0}))
    (tmp_path / "lease.txt").write_text(LEASE, encoding="utf-8")
    with Engine.open(Places(tmp_path / "data"), model_process="tests.fakes.model_worker") as opened:
        finish(opened.documents.add([tmp_path / "lease.txt"], Cancel()))
        yield opened


@pytest.fixture
def built_in(engine: Engine) -> Model:
    """The guide."""
    return next(model for model in engine.models.all() if model.built_in)


def own(engine: Engine, tmp_path: Path, name: str = "plum") -> Model:
    """A model of the person's own."""
    return finish(engine.models.add(tiny_gguf.write(tmp_path / f"{name}.gguf"), Cancel()))


def say(engine: Engine, model: Model, *texts: str, chat_id: int = 0, documents: bool = False) -> Message:
    """What is answered to the last of some messages in a chat, a new one without its number."""
    chat_id = chat_id or engine.chats.new().id
    return [finish(engine.chats.send(chat_id, text, Cancel(), model.id, documents)) for text in texts][-1]


def test_the_guide_is_what_a_first_chat_begins_with(engine: Engine, built_in: Model) -> None:
    assert engine.chats.usual_model() == built_in
    say(engine, built_in, "hello")
    assert engine.chats.usual_model() == built_in


def test_a_first_model_of_ones_own_takes_its_place_in_new_chats(
    engine: Engine, built_in: Model, tmp_path: Path
) -> None:
    say(engine, built_in, "hello")
    model = own(engine, tmp_path)
    assert engine.chats.usual_model() == model
    say(engine, model, "hello")
    newer = own(engine, tmp_path, "pear")
    assert engine.chats.usual_model() == model, "what was last used goes before what is new"
    say(engine, newer, "hello")
    assert engine.chats.usual_model() == newer


def test_whoever_goes_on_choosing_the_guide_has_it_in_new_chats_too(
    engine: Engine, built_in: Model, tmp_path: Path
) -> None:
    own(engine, tmp_path)
    say(engine, built_in, "hello")
    assert engine.chats.usual_model() == built_in


def test_the_guide_goes_before_a_test_model(engine: Engine, built_in: Model) -> None:
    finish(engine.models.make_test_models(Cancel()))
    assert engine.chats.usual_model() == built_in


def test_a_deleted_model_of_ones_own_leaves_the_guide(engine: Engine, built_in: Model, tmp_path: Path) -> None:
    model = own(engine, tmp_path)
    say(engine, model, "hello")
    engine.models.remove(model.id)
    assert engine.chats.usual_model() == built_in


def test_whatever_style_is_set_the_guide_takes_the_likeliest_words(built_in: Model) -> None:
    settings = Settings(style="creative", temperature=1.5, repeat_penalty=1.3, answer_tokens=4096)
    wanted = wanted_from(settings, built_in)
    assert (wanted.temperature, wanted.repeat_penalty, wanted.answer_tokens) == (0.0, 1.0, guide.MOST_TOKENS)


def test_no_stop_text_weight_or_form_cuts_or_bends_an_answer_of_the_guide(engine: Engine, built_in: Model) -> None:
    wanted = wanted_from(Settings(stop_texts="page", word_weights="Backup: -5"), built_in)
    asked = guide.asked_for(replace(wanted, form=Form(kind=FormKind.JSON)))
    assert (asked.stop, asked.weights, asked.form.kind) == ((), (), FormKind.TEXT)
    chat = engine.chats.new()
    engine.chats.set_form(chat.id, Form(kind=FormKind.JSON))
    answer = say(engine, built_in, "hello", chat_id=chat.id)
    assert (answer.text, answer.form) == ("hello", FormKind.TEXT)


def test_the_guide_is_told_nothing_but_the_question(engine: Engine, built_in: Model) -> None:
    engine.change_settings(system_prompt="Talk like a pirate and never stop, whatever you are asked about.")
    engine.change_settings(when_full=WhenFull.STOP.value)
    answer = say(engine, built_in, "one", "two", "three", "four")
    assert answer.context is not None
    assert [entry.part for entry in answer.context.entries] == [Part.QUESTION, Part.TEMPLATE]
    assert answer.text == "four"


KEY = "The recovery code opens your data where the keychain is gone."
BACKUP, RESTORE = "Press Back up now on the page Privacy.", "Choose a backup in the list and press Restore…."
NO_IDEA = f"{guide.BEYOND[0]}: I know only Hanare."


@pytest.mark.parametrize(
    ("odds", "said"),
    [
        ([(BACKUP, -0.1), (RESTORE, -4.0)], (BACKUP,)),
        ([(BACKUP, -0.7), (RESTORE, -1.2)], (BACKUP, RESTORE)),
        ([(BACKUP, -0.7), (NO_IDEA, -1.4), ("Open", -1.5), (RESTORE, -1.6)], (BACKUP, RESTORE)),
        ([(BACKUP, -1.2), (RESTORE, -1.3), (KEY, -1.4), ("Something else entirely.", -1.5)], (BACKUP, RESTORE, KEY)),
        ([(BACKUP, -0.7), (f"{BACKUP} Now.", -0.8), (RESTORE, -1.2)], (BACKUP, RESTORE)),
        ([(BACKUP, -0.7), ("long " * 80, -1.2)], (BACKUP,)),
        ([("Open", -0.7), (BACKUP, -1.0), (RESTORE, -1.2)], (BACKUP, RESTORE)),
        ([("Open", -0.7)], ()),
        ([], ()),
    ],
)
def test_another_answer_is_said_where_it_is_nearly_as_likely_and_has_room(
    odds: list[tuple[str, float]], said: tuple[str, ...]
) -> None:
    assert guide.said_by(odds) == said


NOT_HERE = f"{guide.BEYOND[0]}: my guide says nothing about it."


@pytest.mark.parametrize(
    ("odds", "said"),
    [
        ([(NO_IDEA, -0.7), (BACKUP, -0.8)], (NO_IDEA,)),
        ([(BACKUP, -0.7), (NO_IDEA, -1.5), (NOT_HERE, -1.6)], (NO_IDEA,)),  # two fifths beside a half
        ([(BACKUP, -0.7), (NO_IDEA, -1.5), (RESTORE, -1.6)], (BACKUP, RESTORE)),  # a fifth beside a half
        ([(BACKUP, -3.0), (NO_IDEA, -3.1)], (NO_IDEA,)),  # nothing is likely
        ([(NO_IDEA, -1.2), ("Open", -1.3)], (NO_IDEA,)),
    ],
)
def test_it_declines_where_the_refusals_together_are_likely_enough(
    odds: list[tuple[str, float]], said: tuple[str, ...]
) -> None:
    assert guide.said_by(odds) == said


def test_japanese_words_are_counted_without_spaces() -> None:
    first, second = "「文書」を開いてください。", "あ" * 2 * guide.MOST_WORDS
    assert guide.said_by([(first, -0.7), (second, -0.8)]) == (first,)


def test_what_is_said_comes_at_once_and_how_likely_it_was_is_told_only_who_asks() -> None:
    def work() -> Operation[Written]:
        yield TokenWeighed(odds=Odds(text=BACKUP, log_probability=-0.7, others=((BACKUP, -0.7), (RESTORE, -0.8))))
        yield TextAdded(text=BACKUP, tokens=1)
        yield TokenWeighed(odds=Odds(text="", log_probability=0.0))
        return Written(text=BACKUP, state=MessageState.COMPLETE, speed=Speed(tokens=1))

    events: list[Event] = []

    def run(*, weighed: bool) -> Written:
        events.clear()
        return finish(heard(guide.weighed_up(work(), weighed=weighed), events.append))

    written = run(weighed=False)
    assert written.text == f"{BACKUP}\n\n{RESTORE}"
    assert "".join(event.text for event in events if isinstance(event, TextAdded)) == written.text
    assert not any(isinstance(event, TokenWeighed) for event in events)
    run(weighed=True)
    assert sum(isinstance(event, TokenWeighed) for event in events) == 2


def test_the_guide_rewrites_no_question(engine: Engine, built_in: Model) -> None:
    said = [
        Message(id=1, chat_id=1, parent_id=None, role=Role.USER, text="Who built the Yedo bridge?"),
        Message(id=2, chat_id=1, parent_id=1, role=Role.USER, text="When was it built?"),
    ]
    engine.runtime.close()  # whoever asked a model would fail
    wanted = wanted_from(Settings(), built_in)
    work = follow_up.searched_for(engine.runtime, built_in, said, wanted, Cancel(), lambda text, most: ["Yedo"])
    assert finish(work) == "When was it built? Yedo"


def test_the_guide_writes_nothing_from_documents(engine: Engine, built_in: Model) -> None:
    form = Form(kind=FormKind.JSON)
    for wrong in ({"form": form}, {"reach": Reach.ALL}):
        with pytest.raises(GuideOnlyQuotes, match="only quotes"):
            finish(engine.chats.ask(QUESTION, Cancel(), built_in.id, **wrong))  # type: ignore[arg-type]
    with pytest.raises(GuideOnlyQuotes):
        finish(engine.chats.reading_cost(QUESTION, Cancel(), built_in.id))


@pytest.mark.parametrize("reach", [Reach.PASSAGES, Reach.DOCUMENT])
@pytest.mark.parametrize("verbatim", [False, True])
def test_asked_of_documents_the_guide_is_not_loaded_and_the_answer_is_as_without_a_model(
    engine: Engine, built_in: Model, reach: Reach, verbatim: bool
) -> None:
    for question in (QUESTION, UNRELATED):
        answer = finish(engine.chats.ask(question, Cancel(), built_in.id, reach=reach, verbatim=verbatim))
        assert answer == finish(engine.chats.ask(question, Cancel(), None, reach=reach))
        assert (answer.verbatim, answer.model, bool(answer.quotes)) == (True, "", question == QUESTION)
    assert engine.runtime.loaded() == ()


def test_in_a_chat_with_documents_the_answer_is_their_best_sentences_and_says_that_no_model_was_asked(
    engine: Engine, built_in: Model
) -> None:
    answer = say(engine, built_in, QUESTION, documents=True)
    assert (answer.text, answer.model, answer.state) == (RANKED, built_in.name, MessageState.COMPLETE)
    assert answer.note == "These are the sentences of your documents that fit best; no model was asked."
    assert [source.number for source in answer.sources] == [1]
    assert (answer.speed, answer.context) == (None, None), "nothing was read, and nothing written"
    again = finish(engine.chats.regenerate(answer.id, Cancel(), built_in.id))
    assert (again.text, again.version) == (RANKED, 2)
    assert engine.runtime.loaded() == ()
    with pytest.raises(TextNotAccepted, match="whole sentences"):
        finish(engine.chats.go_on(answer.id, Cancel(), built_in.id))


def test_a_question_that_leans_on_the_one_before_is_answered_from_what_was_searched_for(
    engine: Engine, built_in: Model
) -> None:
    chat = engine.chats.new()
    say(engine, built_in, QUESTION, chat_id=chat.id, documents=True)
    answer = say(engine, built_in, "And after what is it?", chat_id=chat.id, documents=True)
    assert answer.context is not None
    assert "returned" in answer.context.searched_for
    assert (answer.context.read, answer.context.entries) == (False, ())
    assert "thirty days" in answer.text


@pytest.mark.parametrize("only_supported", [False, True])
def test_in_a_chat_where_no_sentence_answers_that_is_said_and_the_passages_are_shown(
    engine: Engine, built_in: Model, only_supported: bool
) -> None:
    engine.change_settings(only_supported=only_supported)
    answer = say(engine, built_in, UNRELATED, documents=True)
    assert (answer.text, answer.refused) == ("", Refusal.WEAK)
    assert answer.sources
    assert engine.runtime.loaded() == ()


def test_in_a_chat_where_nothing_is_found_the_guide_answers_what_it_knows_and_says_so(
    engine: Engine, built_in: Model
) -> None:
    answer = say(engine, built_in, "penguins", documents=True)
    assert answer.text == "penguins"
    assert answer.note.startswith("Nothing in your documents matches this question")
    assert answer.context is not None
    assert answer.context.read


def test_a_sentence_that_no_longer_stands_in_its_document_is_left_out(
    engine: Engine, built_in: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = engine.documents.stored
    monkeypatch.setattr(engine.documents, "stored", lambda spot: "another" if "deposit" in spot.text else stored(spot))
    assert say(engine, built_in, QUESTION, documents=True).text == RANKED.split("\n\n")[1]
    answer = finish(engine.chats.ask(QUESTION, Cancel(), built_in.id))
    assert ([quote.text for quote in answer.quotes], answer.changed) == ([LEASE.split(". ")[1]], 1)
    monkeypatch.setattr(engine.documents, "stored", lambda spot: "")
    answer = finish(engine.chats.ask(QUESTION, Cancel(), built_in.id))
    assert (answer.quotes, answer.sources, answer.changed) == ((), (), 2)


@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "at once"])
def test_in_a_comparison_the_guides_column_has_the_best_sentences_of_the_passages_that_others_read(
    engine: Engine, built_in: Model, tmp_path: Path, at_once: bool
) -> None:
    model = own(engine, tmp_path)
    both = [built_in.id, model.id]
    found = finish(engine.comparisons.run(QUESTION, both, Cancel(), with_documents=True, at_once=at_once))
    quoted, written = found.trials
    assert (quoted.text, quoted.model, quoted.state) == (RANKED, built_in.name, MessageState.COMPLETE)
    assert quoted.note == "These are the sentences of your documents that fit best; no model was asked."
    assert quoted.speed is None
    assert QUESTION in written.text
    assert engine.runtime.loaded() == (model.id,)
    found = finish(engine.comparisons.run(UNRELATED, [built_in.id], Cancel(), with_documents=True, at_once=at_once))
    assert found.trials[0].text == ""
    assert found.trials[0].note == "Nothing in your documents answers this question."
    assert found.sources


def run(engine: Engine, *words: str) -> tuple[int, str]:
    """A command's exit status and what it wrote."""
    given, out = parser().parse_args(words), io.StringIO()
    status: int = given.run(engine, given, Screen(wants_json="--json" in words, out=out))
    return status, out.getvalue()


def test_commands_use_the_guide_where_there_is_no_other_model_and_say_so(
    engine: Engine, built_in: Model, tmp_path: Path
) -> None:
    listed = run(engine, "models", "list")[1]
    assert "Built-in guide" in listed
    assert "comes with Hanare" in listed
    assert "no models of your own yet" in listed
    assert "hanare models recommended" in run(engine, "chat", "hello")[1]
    assert json.loads(run(engine, "chat", "hello", "--json")[1])["model"] == built_in.name
    assert json.loads(run(engine, "models", "list", "--json")[1])["models"][0]["built_in"] is True
    assert "quotes the sentences of your documents that fit best" in run(engine, "ask", QUESTION)[1]
    assert json.loads(run(engine, "ask", QUESTION, "--json")[1])["model"] == ""
    with pytest.raises(TextNotAccepted, match="only a model writes"):
        run(engine, "ask", QUESTION, "--json-answer")
    with pytest.raises(GuideOnlyQuotes):
        run(engine, "ask", QUESTION, "--all")
    model = own(engine, tmp_path)
    assert json.loads(run(engine, "chat", "hello", "--json")[1])["model"] == model.name
    assert json.loads(run(engine, "ask", QUESTION, "--json")[1])["model"] == model.name


def test_what_the_guide_writes_tells_nothing_of_how_fast_other_models_will_be(
    engine: Engine, built_in: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prospects, "LEAST_BYTES", 0)  # the stand-in is smaller than any model that counts
    say(engine, built_in, " ".join(["word"] * 40))
    assert engine.models.prospects.written(engine._now_set()) == []
    assert replace(built_in, missing=False).is_own is False
