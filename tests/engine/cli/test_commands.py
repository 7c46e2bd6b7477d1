"""What the commands do with wrong input, with nothing to work on, and when they are cut short."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli.__main__ import parser
from engine.cli.advice import advice
from engine.cli.printing import Screen, carry_out
from engine.engine import Cancel, Engine, finish
from engine.errors import NotEnoughMemory, TextNotAccepted
from engine.events import Event, Progressed
from engine.loading import LoadOptions
from engine.operation import Operation
from engine.runtime import fit as memory_fit
from engine.runtime.states import Belonging, Stretch
from engine.types import Model
from tests.fakes import tiny_encoder, tiny_entailment, tiny_gguf
from tests.fakes.gguf_bytes import model_bytes

AddModel = Callable[..., Model]


def run(engine: Engine, *words: str) -> tuple[int, str]:
    """A command's exit status and what it wrote."""
    given, out = parser().parse_args(words), io.StringIO()
    status: int = given.run(engine, given, Screen(wants_json=getattr(given, "json", False), out=out))
    return status, out.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        ("search", "backup", "--limit", "0"),
        ("search", "backup", "--limit", "-1"),
        ("search", "backup", "--limit", "1.5"),
        ("models", "inspect", "1", "--context", "-5"),
        ("models", "inspect", "1", "--context", "0"),
    ],
)
def test_a_number_that_makes_no_sense_is_wrong_usage(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(words)
    assert ended.value.code == 2
    assert "1 or more" in capsys.readouterr().err


def test_how_a_model_is_loaded_is_shown_and_set(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "plum.gguf"
    path.write_bytes(model_bytes({"llama.embedding_length": 64, "llama.context_length": 2048}))
    model = finish(engine.models.add(path, Cancel()))
    status, out = run(engine, "models", "set", "plum")
    assert status == 0
    assert "key-cache:            f16  [f16, q8_0, q5_1, q4_0] (as in the settings)" in out
    run(engine, "models", "set", "plum", "key-cache=q8_0", "context-tokens=1024", "experts-on-processor=yes")
    own = {"key_cache": "q8_0", "context_tokens": 1024, "experts_on_processor": True}
    assert engine.models.get(model.id).loading == own
    status, out = run(engine, "models", "set", "plum", "key-cache=default", "--json")
    told = json.loads(out)
    assert told["own"] == {"context_tokens": 1024, "experts_on_processor": True}
    assert told["loading"]["key_cache"] == "f16"
    assert told["fit"]["context_tokens"] == 1024


def test_a_small_model_of_the_same_vocabulary_is_set_to_guess_ahead_and_no_other(
    engine: Engine, tmp_path: Path, add_model: AddModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model("plum")
    for name, made in (("large", {"architecture": "cohere2"}), ("small", {"seed": 1})):
        finish(engine.models.add(tiny_gguf.write(tmp_path / f"{name}.gguf", **made), Cancel()))
    for name in ("plum", "small"):
        with pytest.raises(TextNotAccepted, match="same vocabulary and at most half the size"):
            run(engine, "models", "set", "large", f"draft={name}")
    monkeypatch.setattr("engine.runtime.drafts.MOST_SHARE", 0.8)
    status, out = run(engine, "models", "set", "large", "draft=small")
    assert status == 0
    assert engine.models.find("large").loading == {"draft": str(tmp_path / "small.gguf")}
    assert str(tmp_path / "small.gguf") in out
    run(engine, "models", "set", "large", "draft=none")
    assert engine.models.find("large").loading == {}


@pytest.mark.parametrize(
    "option", ["", "key-cache", "colour=red", "context-tokens=many", "key-cache=f17", "gpu-layers="]
)
def test_an_option_that_is_none_changes_nothing(engine: Engine, add_model: AddModel, option: str) -> None:
    model = add_model("plum")
    with pytest.raises(TextNotAccepted):
        run(engine, "models", "set", "plum", "context-tokens=1024", option)
    assert engine.models.get(model.id).loading == {}


def test_arguments_that_are_no_text_are_made_text(engine: Engine) -> None:
    status, out = run(engine, "search", "a\udcffb", "--json")
    assert status == 0
    assert "a\ufffdb" in out


def test_work_whose_listener_breaks_off_is_ended_at_once() -> None:
    ended: list[str] = []

    def work() -> Operation[None]:
        try:
            yield Progressed(done=1, total=2, unit="files")
        finally:
            ended.append("ended")

    def break_off(_: Event) -> None:
        raise BrokenPipeError

    operation = work()
    with pytest.raises(BrokenPipeError):
        carry_out(operation, Cancel(), break_off)
    assert ended == ["ended"]


def test_a_prompt_of_nothing_leaves_no_chat_behind(engine: Engine, add_model: AddModel) -> None:
    add_model()
    with pytest.raises(TextNotAccepted):
        run(engine, "chat", "  ")
    assert engine.chats.all() == ()


def test_a_comparison_in_which_a_model_fails_is_not_called_done(engine: Engine, add_model: AddModel) -> None:
    add_model("plum")
    add_model("refused")
    status, out = run(engine, "compare", "one two", "--models", "plum", "refused")
    assert status == 1
    assert "one two" in out
    assert "its name says so" in out


def test_a_model_with_no_passages_to_answer_from_says_so(engine: Engine, add_model: AddModel) -> None:
    add_model()
    status, out = run(engine, "ask", "What is this?")
    assert status == 0
    assert "no documents yet" in out


def test_a_chat_that_uses_documents_says_what_it_withholds_and_keeps_it(
    engine: Engine, add_model: AddModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lease.txt").write_text("The deposit is returned within thirty days.", encoding="utf-8")
    finish(engine.documents.add([tmp_path / "lease.txt"], Cancel()))
    add_model("parrot")
    engine.change_settings(only_supported=True)
    question = "When is the deposit returned?"
    status, said = run(engine, "chat", question, "--documents")
    assert status == 0
    assert said.count("thirty days") >= 1
    monkeypatch.setattr("engine.chat.replying.cited", lambda *_: ("Penguins eat krill.", ""))
    status, said = run(engine, "chat", question, "--documents")
    assert status == 0
    assert said.startswith("Not found in your documents.")
    assert "Penguins" not in said
    assert "lease.txt" in said
    status, said = run(engine, "chat", question, "--documents", "--json")
    facts = json.loads(said)
    assert (facts["refused"], facts["text"], facts["withheld"]) == ("unsupported", "", "Penguins eat krill.")


def test_the_model_that_checks_answers_is_chosen_and_no_other(engine: Engine, tmp_path: Path) -> None:
    path = tiny_entailment.by_rule(tmp_path / "rule.gguf")
    finish(engine.models.add(path, Cancel()))
    finish(engine.models.add(tiny_encoder.write(tmp_path / "pear.gguf", ranks=True), Cancel()))
    assert run(engine, "documents", "checker")[1] == "Answers are checked by: none\n"
    assert run(engine, "documents", "checker", "rule")[0] == 0
    assert engine.settings.checker == str(engine.models.find("rule").id)
    with pytest.raises(TextNotAccepted, match="not for entailment"):
        run(engine, "documents", "checker", "pear")
    assert run(engine, "documents", "checker", "none") == (0, "Answers are checked by: none\n")


def test_a_search_before_any_document_says_how_to_add_some(engine: Engine) -> None:
    assert "hanare index" in run(engine, "search", "backup")[1]


def test_a_search_tells_what_it_searched_besides_where_else_it_stands_and_in_which_document(
    engine: Engine, tmp_path: Path
) -> None:
    for name, text in {"a": "a plum tree", "b": "A plum tree!", "c": "plum jam, and more of it"}.items():
        (tmp_path / f"{name}.txt").write_text(text)
        os.utime(tmp_path / f"{name}.txt", (ord(name), ord(name)))
    paths = [str(tmp_path / f"{name}.txt") for name in "abc"]
    assert run(engine, "index", "--words-only", *paths)[0] == 0
    told = json.loads(run(engine, "search", "plun", "--by", "words", "--newest", "--json")[1])
    assert told["also_searched"] == ["plum"]
    assert [(hit["rank"], hit["group"], hit["file"]) for hit in told["hits"]] == [(1, 1, paths[2]), (2, 2, paths[1])]
    assert told["hits"][1]["also_in"] == [{"file": paths[0], "page": 1, "start": 0, "end": 11}]
    _, out = run(engine, "search", "plun", "--by", "words")
    assert "Also searched: plum" in out
    assert "also in" in out


def test_the_ledger_is_printed_and_written_to_a_file(engine: Engine, tmp_path: Path) -> None:
    assert run(engine, "ledger")[1] == "Hanare has made no connection yet.\n"
    engine.ledger.blocked("model", "192.0.2.1", 53)
    status, out = run(engine, "ledger", "--save", str(tmp_path / "ledger.csv"))
    assert status == 0
    assert "192.0.2.1:53" in out
    assert "REFUSED" in out
    assert "192.0.2.1" in (tmp_path / "ledger.csv").read_text(encoding="utf-8")
    assert '"blocked": 1' in run(engine, "ledger", "--json")[1]


def test_a_model_that_does_not_fit_is_refused_with_what_would_and_can_be_loaded_anyway(
    engine: Engine, add_model: AddModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = add_model("plum")
    free = engine.models.fit(model.facts, LoadOptions(context_tokens=1024)).need_bytes
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: free)
    with pytest.raises(NotEnoughMemory) as caught:
        run(engine, "chat", "one two")
    assert "With a context length of 1,024 tokens it would fit." in advice(caught.value, engine)
    assert "--load-anyway" in advice(caught.value, engine)
    assert run(engine, "chat", "one two", "--load-anyway")[0] == 0


def test_the_models_of_the_search_are_chosen_by_name_and_only_models_for_it_are_taken(
    engine: Engine, add_model: AddModel, tmp_path: Path
) -> None:
    status, out = run(engine, "documents", "meaning")
    assert status == 0
    assert out.startswith("The search by meaning uses: built-in\nllama.cpp reads your passages")
    chat = add_model("plum")
    for command in ("meaning", "reranker"):
        with pytest.raises(TextNotAccepted, match="is not for"):
            run(engine, "documents", command, "plum")
    path = tiny_encoder.write(tmp_path / "pear.gguf", ranks=True)
    model = finish(engine.models.add(path, Cancel()))
    assert model.facts.use == "reranking"
    status, out = run(engine, "documents", "reranker", "pear", "--json")
    assert json.loads(out) == {"model": str(model.id), "name": "pear"}
    assert engine.settings.reranker == str(model.id)
    engine.models.remove(model.id)
    assert "no longer in the library" in run(engine, "documents", "reranker")[1]
    assert run(engine, "documents", "reranker", "none") == (0, "Results are put in order by: none\n")
    assert run(engine, "documents", "meaning", "sentence-transformers")[0] == 0
    status, out = run(engine, "documents", "meaning", "llama.cpp", "--json")
    assert json.loads(out)["library"] == {"name": "llama.cpp", "why": "llama.cpp reads your passages, as you chose."}
    assert chat.facts.use == "chat"


def test_what_is_kept_of_chats_is_told_and_removed(engine: Engine) -> None:
    of = Belonging(chat=7, model=1, file="a.gguf", size_bytes=1, mtime_ns=1, sha256="", context_tokens=512)
    engine.states.keep(of, Stretch(tokens=(1, 2, 3), size_bytes=2_000_000), [bytes(1_000_000)] * 2)
    assert "Kept of 1 chat" in run(engine, "states")[1]
    assert "Removed: what was kept of 1 chat" in run(engine, "states", "--remove")[1]
    assert run(engine, "states", "--json") == (0, '{\n  "chats": 0,\n  "size_bytes": 0\n}\n')
    assert not list(engine.places.states.iterdir())
