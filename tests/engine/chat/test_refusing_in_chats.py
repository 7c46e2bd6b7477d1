"""Answer only when the documents support it, in chats: what is asked, what is shown, and what is kept."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.chat.prompt import compose
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import TextNotAccepted, WorkerDied
from engine.events import Event, MessageKept, PromptRead, SearchedFor, TextAdded, TextHeld
from engine.forms import Form, FormKind
from engine.types import Message, MessageState, Model, Refusal, Role, Support
from tests.fakes import tiny_gguf
from tests.fakes.asking import heard_out

ROOT = Path(__file__).resolve().parents[3]
AddModel = Callable[..., Model]
LEASE = "The deposit is 1,200 euro. It is returned within thirty days after the end of the tenancy."
ANSWERED = "When is the deposit returned after the end of the tenancy?"
WEAK = "Which deposit of minerals does the tallest penguin colony of Antarctica defend?"
INVENTED = "Penguins eat krill. Krill is small."
CHILD = """
import sys
from pathlib import Path
from engine.engine import Cancel, Engine, Places, finish
from engine.events import TextHeld

engine = Engine.open(Places(Path(sys.argv[1])), model_process="tests.fakes.model_worker")
engine.change_settings(only_supported=True)
model = finish(engine.models.add(Path(sys.argv[2]), Cancel()))
finish(engine.documents.add([Path(sys.argv[3])], Cancel()))
chat = engine.chats.new()
ticks = 0
question = "When is the deposit returned after the end of the tenancy? !slow"
for event in engine.chats.send(chat.id, question, Cancel(), model.id, with_documents=True):
    if isinstance(event, TextHeld):
        ticks += 1
        print(ticks, flush=True)
"""


class Talk:
    """A chat that draws on a lease, with only what that supports to be answered."""

    def __init__(self, engine: Engine, model: Model, temporary: bool = False) -> None:
        self.engine, self.model = engine, model
        self.chat = engine.chats.new(temporary=temporary)
        self.events: list[Event] = []

    def say(self, text: str, *, documents: bool = True, cancel: Cancel | None = None) -> Message:
        self.events = []
        work = self.engine.chats.send(self.chat.id, text, cancel or Cancel(), self.model.id, documents)
        return heard_out(work, self.events.append)  # type: ignore[arg-type, return-value]

    def of(self, kind: type) -> int:
        return sum(isinstance(event, kind) for event in self.events)

    @property
    def kept(self) -> Message:
        return self.engine.chats.messages(self.chat.id)[-1]


@pytest.fixture(params=[False, True], ids=["kept", "temporary"])
def talk(engine: Engine, add_model: AddModel, tmp_path: Path, request: pytest.FixtureRequest) -> Talk:
    (tmp_path / "lease.txt").write_text(LEASE, encoding="utf-8")
    finish(engine.documents.add([tmp_path / "lease.txt"], Cancel()))
    engine.change_settings(only_supported=True)
    return Talk(engine, add_model(), request.param)


@pytest.fixture
def invents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models that are given the passages write of something else."""
    monkeypatch.setattr("engine.chat.replying.cited", lambda *_: (INVENTED, ""))


def test_no_model_is_asked_where_the_passages_do_not_answer(talk: Talk) -> None:
    answer = talk.say(WEAK)
    assert (answer.refused, answer.text, answer.withheld, answer.model) == (Refusal.WEAK, "", "", "")
    assert answer.sources
    assert talk.of(PromptRead) == 0
    assert talk.kept == answer
    talk.engine.chats.set_form(talk.chat.id, Form(kind=FormKind.JSON))
    assert talk.say(WEAK).refused is Refusal.WEAK


def test_no_model_is_asked_where_nothing_is_found(talk: Talk) -> None:
    answer = talk.say("zzzz")
    assert (answer.refused, answer.sources, answer.state) == (Refusal.NOTHING, (), MessageState.COMPLETE)
    assert talk.of(PromptRead) == 0


def test_nothing_is_shown_before_it_is_checked_and_what_is_supported_is(talk: Talk) -> None:
    answer = talk.say(ANSWERED)
    assert answer.refused is None
    assert "thirty days" in answer.text
    assert answer.withheld == ""
    assert talk.of(TextHeld)
    assert talk.of(TextAdded) == 0
    (_, begun) = [event.message for event in talk.events if isinstance(event, MessageKept)]
    assert (begun.text, begun.refused) == ("", Refusal.UNCHECKED)


@pytest.mark.usefixtures("invents")
def test_what_no_passage_supports_is_withheld_and_kept(talk: Talk) -> None:
    answer = talk.say(ANSWERED)
    assert (answer.refused, answer.text, answer.withheld) == (Refusal.UNSUPPORTED, "", INVENTED)
    assert answer.sources
    assert answer.context is not None
    assert talk.of(TextAdded) == 0
    assert talk.kept == answer
    checked = finish(talk.engine.chats.check(answer, Cancel()))
    assert [one.support for one in checked] == [Support.UNSUPPORTED] * 2


@pytest.mark.usefixtures("invents")
def test_an_answer_that_does_not_draw_on_documents_is_left_alone(talk: Talk) -> None:
    answer = talk.say(ANSWERED, documents=False)
    assert (answer.text, answer.refused) == (INVENTED, None)
    assert talk.of(TextAdded)


@pytest.mark.usefixtures("invents")
def test_an_answer_with_a_form_is_held_to_the_question_alone(talk: Talk) -> None:
    talk.engine.chats.set_form(talk.chat.id, Form(kind=FormKind.JSON))
    answer = talk.say(ANSWERED)
    assert (answer.text, answer.refused) == (INVENTED, None)


def test_another_try_and_an_edit_ask_the_documents_again(talk: Talk) -> None:
    refused = talk.say("zzzz")
    chats = talk.engine.chats
    again = finish(chats.regenerate(refused.id, Cancel(), talk.model.id))
    assert (again.refused, again.version) == (Refusal.NOTHING, 2)
    assert refused.parent_id is not None
    answer = finish(chats.edit(refused.parent_id, ANSWERED, Cancel(), talk.model.id))
    assert answer.sources
    assert answer.refused is None


@pytest.mark.usefixtures("invents")
def test_what_is_withheld_is_not_gone_on_with(talk: Talk) -> None:
    answer = talk.say(ANSWERED)
    with pytest.raises(TextNotAccepted, match="withheld"):
        finish(talk.engine.chats.go_on(answer.id, Cancel(), talk.model.id))


def test_what_an_answer_goes_on_with_is_held_back_and_checked_as_a_whole(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.engine.change_settings(only_supported=False, answer_tokens=16)
    answer = talk.say(ANSWERED)
    assert answer.state is MessageState.CUT
    talk.engine.change_settings(only_supported=True, answer_tokens=1024)
    grown = finish(talk.engine.chats.go_on(answer.id, Cancel(), talk.model.id))
    assert grown.refused is None
    assert grown.text.startswith(answer.text)
    monkeypatch.setattr("engine.chat.replying.cited", lambda *_: (INVENTED, ""))
    grown = finish(talk.engine.chats.go_on(answer.id, Cancel(), talk.model.id))
    assert (grown.refused, grown.withheld) == (Refusal.UNSUPPORTED, INVENTED)
    assert talk.engine.chats.versions(answer.id)[0].text == answer.text


def test_what_was_written_before_a_stop_is_checked_too(talk: Talk) -> None:
    cancel = Cancel()
    work = talk.engine.chats.send(talk.chat.id, f"{ANSWERED} !slow", cancel, talk.model.id, True)
    for event in work:
        if isinstance(event, TextHeld):
            cancel.press()
            break
    answer = finish(work)
    assert (answer.state, answer.refused, answer.text) == (MessageState.STOPPED, Refusal.UNSUPPORTED, "")
    assert answer.withheld.startswith("tick ")


def test_what_a_process_wrote_before_it_died_is_checked_too(talk: Talk) -> None:
    with pytest.raises(WorkerDied):
        talk.say(f"{ANSWERED} !die")
    assert (talk.kept.state, talk.kept.refused, talk.kept.text) == (
        MessageState.INTERRUPTED, Refusal.UNSUPPORTED, "",
    )  # fmt: skip
    assert talk.kept.withheld == "dying "


def test_the_model_is_told_that_nothing_was_found_and_not_what_was_withheld(talk: Talk, invents: None) -> None:
    talk.say(ANSWERED)
    asked = Message(id=9, chat_id=1, parent_id=8, role=Role.USER, text="And then?")
    messages = (*talk.engine.chats.messages(talk.chat.id), asked)
    assert [turn.text for turn in compose("", messages, (), 10_000).turns] == [
        ANSWERED, "Not found in your documents.", "And then?",
    ]  # fmt: skip


def test_what_a_refused_follow_up_was_searched_for_is_kept(talk: Talk) -> None:
    talk.say(ANSWERED)
    answer = talk.say("And which minerals does it defend?")
    assert talk.of(SearchedFor)
    assert answer.refused
    assert answer.context is not None
    assert answer.context.searched_for.startswith("And which minerals")
    assert not answer.context.read


def test_a_kill_in_mid_answer_leaves_it_withheld(places: Places, tmp_path: Path) -> None:
    model, lease = tiny_gguf.write(tmp_path / "echo.gguf"), tmp_path / "lease.txt"
    lease.write_text(LEASE, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(places.data), str(model), str(lease)], cwd=ROOT, stdout=subprocess.PIPE,
        text=True,
    ) as child:  # fmt: skip
        assert child.stdout
        for line in child.stdout:
            if int(line) == 30:
                os.kill(child.pid, signal.SIGKILL)
                break
    with Engine.open(places) as engine:
        answer = engine.chats.messages(engine.chats.all()[0].id)[-1]
    assert (answer.state, answer.text, answer.refused) == (MessageState.INTERRUPTED, "", Refusal.UNCHECKED)
    assert answer.withheld.startswith("tick ")
