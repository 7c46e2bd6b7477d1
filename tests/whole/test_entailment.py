"""Models for natural language inference in the real process: labels, numbers, and what a check makes of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from engine import wire
from engine.chat.checking import checked
from engine.documents.entailment import Entailer, Entailers, Relation
from engine.documents.library_model import loading
from engine.engine import Engine, finish
from engine.errors import CheckerNotUsable, ModelNotForChat, ModelNotUsable
from engine.events import CheckerFailed
from engine.operation import Cancel
from engine.places import Places
from engine.runtime.gguf import must_chat, read_facts
from engine.runtime.process import Process
from engine.settings import Settings, changed
from engine.types import Message, Model, ModelOrigin, Role, Source, Support
from tests.fakes import tiny_encoder, tiny_entailment

Ask = Callable[[wire.Message], wire.Message]
PAIRS = (("plum jam is boiled", "plum jam"), ("pears keep", "jam is long"), ("how", "boiled plum jam " * 40))
JAM, PEARS = "The jam is boiled with a plum.", "The pears are boiled with a plum."


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Asks one encoder process and returns its last report."""
    with Process("encoder", "engine.worker.encoder", private=tmp_path / "private") as process:

        def ask(request: wire.Message) -> wire.Message:
            *_, last = process.ask(request, Cancel(), silent_s=300)
            return last

        yield ask


def load(path: Path) -> wire.Load:
    return wire.Load(path=str(path), context_tokens=0, threads=1)


def model_of(path: Path) -> Model:
    return Model(id=1, name=path.stem, path=path, origin=ModelOrigin.DISK, facts=read_facts(path), added_at="")


def entailer(path: Path, places: Places) -> Entailer:
    return Entailer(places.private, loading(lambda _: model_of(path), 1, "entailment", 1))


def sources(*texts: str) -> list[Source]:
    return [
        Source(number=number, document_id=1, path=Path("a.txt"), page=1, start=0, end=len(text), text=text)
        for number, text in enumerate(texts, 1)
    ]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_a_checkpoint_gives_what_transformers_gives_whatever_the_order_of_its_labels(
    tmp_path: Path, ask: Ask, order: tuple[int, ...]
) -> None:
    labels = [("Entailment", "NEUTRAL", "contradiction")[at] for at in order]
    folder = tiny_entailment.checkpoint(tmp_path / "checkpoint", labels)
    path = tiny_entailment.from_checkpoint(folder, tmp_path / "nli.gguf")
    assert read_facts(path).use == "entailment"
    ask(load(path))
    found = ask(wire.Classify(pairs=PAIRS))
    assert isinstance(found, wire.Classified)
    assert found.labels == tuple(labels)
    assert found.cut == 1
    rows = []
    for first, second in PAIRS:
        begun = [tiny_encoder.BEGINS, *tiny_encoder.tokens(first), tiny_encoder.ENDS]  # as the file's vocabulary has it
        rows.append([*begun, *tiny_encoder.tokens(second)][: tiny_encoder.CONTEXT])
    theirs = np.exp(tiny_entailment.logits(folder, rows))
    assert np.allclose(np.array(found.rows), theirs / theirs.sum(axis=1, keepdims=True), atol=5e-3)


def test_relations_come_in_our_order_and_in_that_of_the_pairs(tmp_path: Path, places: Places) -> None:
    judge = entailer(tiny_entailment.by_rule(tmp_path / "rule.gguf"), places)
    try:
        pairs = [("jam is boiled", "plum jam"), ("jam is boiled", "pears keep"), ("jam", "how long is jam")] * 40
        found = judge.relations(pairs, Cancel())
        likeliest = [max(Relation._fields, key=lambda name, one=one: getattr(one, name)) for one in found]
        assert likeliest == ["entailment", "contradiction", "neutral"] * 40
        assert all(sum(one) == pytest.approx(1) for one in found)
        assert judge.relations([("梅を煮る。", "梅を長く煮ることができます。")], Cancel()) == (Relation(0, 1, 0),)
    finally:
        judge.close()


def test_a_model_without_the_three_labels_is_refused(tmp_path: Path, places: Places, ask: Ask) -> None:
    for number, labels in enumerate((["entailment", "not_entailment"], ["LABEL_0", "LABEL_1", "LABEL_2"], ["score"])):
        path = tiny_encoder.write(tmp_path / f"{number}.gguf", ranks=True, labels=labels)
        assert read_facts(path).use == "reranking"
        judge = entailer(path, places)
        with pytest.raises(CheckerNotUsable, match="entailment, neutral and contradiction"):
            judge.relations([("a", "b")], Cancel())
        judge.close()
    ask(load(tiny_encoder.write(tmp_path / "vectors.gguf")))
    with pytest.raises(ModelNotUsable, match="no labels"):
        ask(wire.Classify(pairs=PAIRS))


def test_a_classifier_without_one_of_its_layers_is_none(tmp_path: Path) -> None:
    tensors = tiny_encoder.weights(0, ranks=True, outputs=3)
    del tensors["cls.weight"], tensors["cls.bias"]
    path = tiny_encoder.write(tmp_path / "bert.gguf", ranks=True, labels=tiny_entailment.LABELS, tensors=tensors)
    assert read_facts(path).use == "reranking"


def test_it_does_not_chat(tmp_path: Path) -> None:
    path = tiny_entailment.by_rule(tmp_path / "rule.gguf")
    with pytest.raises(ModelNotForChat, match="judges one text by another"):
        must_chat(path, read_facts(path))


def test_another_choice_ends_the_process_of_the_one_before(tmp_path: Path, places: Places) -> None:
    path = tiny_entailment.by_rule(tmp_path / "rule.gguf")
    settings = [Settings()]
    models = Entailers(places.private, lambda: settings[0], lambda _: model_of(path))
    assert models.chosen() is None
    settings[0] = changed(Settings(), checker="1")
    first = models.chosen()
    assert first is not None
    assert first is models.chosen()
    first.relations([("a", "b")], Cancel())
    settings[0] = Settings()
    assert models.chosen() is None
    models.close()


def test_a_sentence_that_a_passage_contradicts_is_unsupported_and_says_by_which(tmp_path: Path, places: Places) -> None:
    judge = entailer(tiny_entailment.by_rule(tmp_path / "rule.gguf"), places)
    try:
        given = sources("Nothing of it.", JAM)
        (plain,) = checked(PEARS, given)
        assert plain.support is not Support.UNSUPPORTED
        (found,) = checked(PEARS, given, None, lambda pairs: judge.relations(pairs, Cancel()))
        assert (found.support, found.source) == (Support.UNSUPPORTED, None)
        assert found.against is not None
        assert (found.against.number, found.against.text) == (2, JAM)
    finally:
        judge.close()


def test_the_engine_checks_with_the_model_that_is_chosen_and_without_it_where_that_is_gone(
    engine: Engine, tmp_path: Path
) -> None:
    model = finish(engine.models.add(tiny_entailment.by_rule(tmp_path / "rule.gguf"), Cancel()))
    message = Message(
        id=1, chat_id=1, parent_id=None, role=Role.ASSISTANT, text=PEARS, sources=tuple(sources(JAM))
    )  # fmt: skip
    engine.change_settings(checker=str(model.id))
    (found,) = finish(engine.chats.check(message, Cancel()))
    assert found.against is not None
    (tmp_path / "rule.gguf").unlink()
    engine.documents._entailers.close()
    events: list[object] = []
    work = engine.chats.check(message, Cancel())
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            (found,) = end.value
            break
    assert (found.against, found.source is not None) == (None, True)
    assert any(isinstance(event, CheckerFailed) for event in events)
