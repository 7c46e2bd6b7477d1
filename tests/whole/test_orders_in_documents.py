"""Documents that try to give orders: to everything that touches them, what they say is data."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llama_cpp as lib
import pytest

from engine.chat.prompt import compose
from engine.engine import Cancel, Engine, Places, finish
from engine.runtime.process import running
from engine.types import Message, MessageState, Role, Source
from engine.worker.model.replies.choosing import CALLS, reply_parser
from engine.worker.model.template import ChatTemplate, Picture
from engine.worker.model.vocabulary import Vocabulary
from tests.fakes import tiny_gguf
from tests.reliability.canaries import Canaries
from tests.reliability.orders import CONTROL, FAMILIES, ORDERS, written

OBEDIENT = "tests.fakes.model_worker"  # writes back all that it is told
QUIET = "Plums ripen in August. Nothing in this paper asks for anything."


@pytest.fixture
def canaries(tmp_path: Path) -> Iterator[Canaries]:
    """A file and a server that the orders name."""
    (tmp_path / "outside").mkdir()
    with Canaries(tmp_path / "outside") as watching:
        yield watching


def word(number: int) -> str:
    return f"qw{number:03}e"


def write_papers(folder: Path, canaries: Canaries) -> dict[str, str]:
    """Each order in a paper of its own, below a word that finds it; the orders."""
    folder.mkdir()
    orders = written(str(canaries.file), f"http://127.0.0.1:{canaries.port}/")
    for number, text in enumerate(orders.values()):
        (folder / f"{number}.md").write_text(f"The {word(number)} is here.\n\n{text}", encoding="utf-8", newline="")
    return orders


def outside(folder: Path) -> dict[str, str]:
    """Every file outside Hanare's own folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_relative_to(folder / "data"))
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def touched(canaries: Canaries) -> list[str]:
    """What was done with the file or asked of the server, by any process."""
    return [what for what in canaries.seen() if what.startswith(("opened", "read", "asked", "open "))]


def inside(engine: Engine) -> dict[str, object]:
    """All that an order might want to change."""
    return {
        "settings": engine.settings,
        "documents": [(one.path, one.state, one.passages) for one in engine.documents.all()],
        "trash": engine.documents.trash(),
        "folders": [folder.path for folder in engine.documents.folders.all()],
        "models": engine.models.all(),
        "chats": engine.chats.all(),
        "connections": engine.ledger.totals(),
    }


def test_there_are_at_least_sixty_orders_and_some_in_japanese() -> None:
    assert len(ORDERS) >= 60
    assert sum(name.endswith(" ja") for name in ORDERS) >= 8


@pytest.mark.parametrize("process", [OBEDIENT, "engine.worker.model"])
def test_no_order_is_carried_out(tmp_path: Path, canaries: Canaries, process: str) -> None:
    orders = write_papers(tmp_path / "papers", canaries)
    with Engine.open(Places(tmp_path / "data"), model_process=process) as engine:
        model = finish(engine.models.add(tiny_gguf.write(tmp_path / "m.gguf"), Cancel()))
        engine.change_settings(answer_tokens=4000 if process == OBEDIENT else 16)
        assert len(ORDERS) == finish(engine.documents.add([tmp_path / "papers"], Cancel())).read
        files, things = outside(tmp_path), inside(engine)
        canaries.seen()  # we have just looked at the file ourselves
        for number, (name, text) in enumerate(orders.items()):
            answer = finish(engine.chats.ask(word(number), Cancel(), model.id))
            assert answer.sources[0].path.name == f"{number}.md", name
            assert answer.state in (MessageState.COMPLETE, MessageState.CUT), name
            if process == OBEDIENT:  # it said all that the paper wanted to be said
                assert word(number) in answer.text, name
                assert all(each in answer.text for each in text.split() if each.isalpha() and each.isascii()), name
        assert touched(canaries) == []
        assert (outside(tmp_path), inside(engine)) == (files, things)
        assert {one.name for one in running(engine.places.private)} <= {"reader", "model"}


def test_no_order_is_carried_out_where_a_chat_goes_on(tmp_path: Path, canaries: Canaries) -> None:
    """What a paper said is an answer now, and is told to the model again as such."""
    write_papers(tmp_path / "papers", canaries)
    with Engine.open(Places(tmp_path / "data"), model_process=OBEDIENT) as engine:
        model = finish(engine.models.add(tiny_gguf.write(tmp_path / "m.gguf"), Cancel()))
        finish(engine.documents.add([tmp_path / "papers"], Cancel()))
        chat = engine.chats.new()
        files, settings = outside(tmp_path), engine.settings
        canaries.seen()
        for number in range(0, len(ORDERS), 3):
            finish(engine.chats.send(chat.id, word(number), Cancel(), model.id, with_documents=True))
        assert touched(canaries) == []
        assert (outside(tmp_path), engine.settings) == (files, settings)
        assert engine.ledger.totals().connections == 0
        assert [one.id for one in engine.chats.all()] == [chat.id]


# What the model reads.


@contextmanager
def vocabulary(path: Path, family: str, kind: int) -> Iterator[Vocabulary]:
    """One that knows the control tokens of many families; those of its own are of this kind: 3 control, 4 user-defined.

    Where it knows those of harmony, llama.cpp takes them for user-defined ones whatever the file says.
    """
    others = [token for token in CONTROL if token not in FAMILIES["harmony"] or family == "harmony"]
    kinds = [kind if token in FAMILIES[family] else 3 for token in others]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiny_gguf, "TOKENS", [*tiny_gguf.TOKENS, *others])
        patch.setattr(tiny_gguf, "KINDS", [*tiny_gguf.KINDS, *kinds])
        tiny_gguf.write(path, chatml_kind=kind if "<|im_start|>" in FAMILIES[family] else 3)
    params = lib.llama_model_default_params()
    params.vocab_only = True
    loaded = lib.llama_model_load_from_file(str(path).encode(), params)
    yield Vocabulary(loaded)
    lib.llama_model_free(loaded)


def control_tokens(vocabulary: Vocabulary, template: ChatTemplate, passage: str) -> list[str]:
    """Those in the prompt that asks a question about a passage, in order, as they are spelled."""
    source = Source(number=1, document_id=1, path=Path("a.md"), page=1, start=0, end=len(passage), text=passage)
    asked = Message(id=1, chat_id=1, parent_id=None, role=Role.USER, text="Which?")
    turns = [
        {"role": turn.role.value, "content": turn.text} for turn in compose("Help.", [asked], [source], 9000).turns
    ]
    parts, name = template.render(turns)
    assert name == "model"
    tokens = vocabulary.tokens([part for part in parts if not isinstance(part, Picture)])
    return [vocabulary.spelled(token) for token in tokens if vocabulary._is_special(token)]


@pytest.mark.parametrize("kind", [3, 4], ids=["control", "user-defined"])
@pytest.mark.parametrize("family", FAMILIES)
def test_no_order_becomes_a_control_token(tmp_path: Path, family: str, kind: int) -> None:
    with vocabulary(tmp_path / "many.gguf", family, kind) as known:
        template = ChatTemplate(FAMILIES[family], has_special=known.has_special)
        known.reserve(template.source)
        usual = control_tokens(known, template, QUIET)
        assert len(usual) > 2
        for name, text in ORDERS.items():
            assert control_tokens(known, template, text) == usual, name


@pytest.mark.parametrize("spelled", [row[0] for row in CALLS])
def test_an_answer_that_looks_like_a_call_is_an_answer_where_no_tools_were_offered(spelled: str) -> None:
    for name, text in ORDERS.items():
        parser = reply_parser(spelled, "", calls=False)
        pieces: list[Any] = [*parser.add(text), *parser.finish()]
        assert not [piece for piece in pieces if piece.calls or piece.kind == "call"], name
        assert "".join(piece.raw for piece in pieces) == text, name
