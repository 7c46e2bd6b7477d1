"""The real encoder process: vectors and scores from GGUF files by llama.cpp."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from engine import wire
from engine.documents import Documents
from engine.documents.built_in import BuiltIn
from engine.documents.embedding import Embedder
from engine.documents.library_model import loading
from engine.documents.library_trial import SAME
from engine.errors import Cancelled, EmbedderNotUsable, ModelDamaged, ModelNotForChat, ModelNotUsable
from engine.events import HitsFound, Progressed
from engine.operation import Cancel, finish
from engine.places import Places
from engine.runtime.gguf import must_chat, read_facts
from engine.runtime.process import Process
from engine.settings import Settings, changed
from engine.store import Store
from engine.types import Model, ModelOrigin
from tests.fakes import tiny_encoder, tiny_gguf

Ask = Callable[[wire.Message], wire.Message]
LONG = "plum jam is boiled " * 30  # more tokens than the tiny model reads
TEXTS = [
    "How long is plum jam boiled?", "The lease ends on 31 March 2027.", "naïve façade, İstanbul, Straße, ﬁne",
    "敷金は家賃の二か月分です。契約の終わりに返還されます。", "コーヒーガラスを片付けて、ベランダを掃除した。",
    "한국어 문장입니다.", "Привет, мир! 中文句子。", "ｆｕｌｌｗｉｄｔｈ　ﾊﾝｶｸ", "", "a", "snake_case(x) != 'y' # 🙂",
    "word " * 600,
]  # fmt: skip


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Asks one encoder process and returns its last report."""
    with Process("encoder", "engine.worker.encoder", private=tmp_path / "private") as process:

        def ask(request: wire.Message) -> wire.Message:
            *_, last = process.ask(request, Cancel(), silent_s=300)
            return last

        ask.process = process  # type: ignore[attr-defined]
        yield ask


def load(path: Path) -> wire.Load:
    return wire.Load(path=str(path), context_tokens=0, threads=1)


def vectors(report: wire.Message) -> np.ndarray:
    assert isinstance(report, wire.Embedded)
    return np.frombuffer(base64.b64decode(report.vectors), "<f4").reshape(-1, report.dimensions)


def unit(row: np.ndarray) -> np.ndarray:
    return row / np.linalg.norm(row)


def model_of(path: Path, number: int = 1) -> Model:
    facts = read_facts(path)
    return Model(id=number, name=path.stem, path=path, origin=ModelOrigin.DISK, facts=facts, added_at="")


def test_the_built_in_model_gives_the_vectors_of_sentence_transformers(tmp_path: Path) -> None:
    places = Places(tmp_path)
    built_in = BuiltIn(places.built_in, places.private)
    ours, theirs = Embedder(places.private, built_in.load, loaded=built_in.loaded), Embedder(places.private)
    try:
        cosines = (ours.vectors(TEXTS, Cancel()) * theirs.vectors(TEXTS, Cancel())).sum(axis=1)
        assert cosines.min() >= SAME
        assert (ours.cut, theirs.cut) == (1, 1)
        (file,) = places.built_in.iterdir()
        facts = read_facts(file)
        assert (facts.use, facts.context_tokens, facts.architecture) == ("embedding", 256, "bert")
    finally:
        ours.close()
        theirs.close()


def test_a_file_of_before_is_replaced_by_one_that_is_read_faster(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.built_in.mkdir(parents=True)
    before = places.built_in / "all-MiniLM-L6-v2-0123456789abcdef.gguf"
    before.write_bytes(b"GGUF")
    path = Path(BuiltIn(places.built_in, places.private).load(Cancel()).path)
    assert list(places.built_in.iterdir()) == [path]
    assert BuiltIn(places.built_in, places.private).load(Cancel()).path == str(path)


def test_vectors_are_what_the_formula_gives_however_texts_are_put_together(tmp_path: Path, ask: Ask) -> None:
    loaded = ask(load(tiny_encoder.write(tmp_path / "tiny.gguf", seed=3)))
    assert isinstance(loaded, wire.Loaded)
    assert (loaded.dimensions, loaded.context_tokens, loaded.reads_japanese) == (32, 64, False)
    texts = ["plum jam", "how long", "pears keep", "q", LONG, "is jam boiled how long"] * 20
    found = ask(wire.Embed(texts=tuple(texts)))
    assert isinstance(found, wire.Embedded)
    assert found.cut == 20
    for text, row in zip(texts, vectors(found), strict=True):
        ids = [tiny_encoder.BEGINS, *tiny_encoder.tokens(text)[:62], tiny_encoder.ENDS]
        assert np.allclose(row, unit(tiny_encoder.reference(ids, 3)), atol=5e-3)


def test_a_reranking_model_scores_as_the_formula_says(tmp_path: Path, ask: Ask) -> None:
    loaded = ask(load(tiny_encoder.write(tmp_path / "ranks.gguf", seed=5, ranks=True)))
    assert isinstance(loaded, wire.Loaded)
    assert loaded.dimensions == 0
    texts = ["plum jam is boiled", "pears keep", "jam", "how long is pears", LONG]
    found = ask(wire.Rerank(question="how long", texts=tuple(texts)))
    assert isinstance(found, wire.Reranked)
    assert found.cut == 1
    asked = [tiny_encoder.BEGINS, *tiny_encoder.tokens("how long"), tiny_encoder.ENDS]
    expected = [
        float(tiny_encoder.reference([*asked, *tiny_encoder.tokens(text)][:64], 5, ranks=True)[0]) for text in texts
    ]
    assert np.allclose(found.scores, expected, atol=1e-2)


def test_a_reranking_model_with_a_template_reads_what_the_template_says(tmp_path: Path, ask: Ask) -> None:
    template = "plum {query} is {document} jam"
    ask(load(tiny_encoder.write(tmp_path / "ranks.gguf", seed=5, ranks=True, template=template)))
    found = ask(wire.Rerank(question="how {document}", texts=("long", LONG)))
    assert isinstance(found, wire.Reranked)
    assert found.cut == 1
    plain = ask(wire.Rerank(question="how", texts=("long",)))
    assert isinstance(plain, wire.Reranked)
    expected = tiny_encoder.reference(tiny_encoder.tokens("plum how is long jam"), 5, ranks=True)
    assert np.allclose(plain.scores, expected, atol=1e-2)


def test_a_text_cannot_write_the_signs_that_stand_around_it(tmp_path: Path, ask: Ask) -> None:
    ask(load(tiny_encoder.write(tmp_path / "tiny.gguf")))
    written, _, lone = vectors(ask(wire.Embed(texts=("[SEP]", "[CLS] plum [SEP]", "plum"))))
    sign = tiny_encoder.reference([tiny_encoder.BEGINS, tiny_encoder.ENDS, tiny_encoder.ENDS])
    assert written @ unit(sign) < 0.999
    assert np.isclose(np.linalg.norm(lone), 1.0, atol=1e-4)


def test_a_model_is_not_asked_for_what_it_is_not_for(tmp_path: Path, ask: Ask) -> None:
    path = tiny_encoder.write(tmp_path / "ranks.gguf", ranks=True)
    ask(load(path))
    with pytest.raises(ModelNotUsable, match="rates texts"):
        ask(wire.Embed(texts=("a",)))
    with pytest.raises(ModelNotForChat, match="says how well"):
        must_chat(path, read_facts(path))


def test_a_model_that_makes_no_vectors_is_refused_and_the_process_lives(tmp_path: Path, ask: Ask) -> None:
    with pytest.raises(ModelNotUsable, match="how many vectors become one"):
        ask(load(tiny_gguf.write(tmp_path / "chat.gguf")))
    with pytest.raises(ModelNotUsable, match="none is loaded"):
        ask(wire.Embed(texts=("a",)))


def test_only_a_whole_embedding_model_of_the_library_is_loaded(tmp_path: Path) -> None:
    chat, ranks = tiny_gguf.write(tmp_path / "chat.gguf"), tiny_encoder.write(tmp_path / "ranks.gguf", ranks=True)
    for path, use in ((chat, "embedding"), (ranks, "embedding"), (chat, "reranking")):
        with pytest.raises(EmbedderNotUsable, match=f"it is no {use} model"):
            loading(lambda _, path=path: model_of(path), 1, use, 1)(Cancel())
    whole = tiny_encoder.write(tmp_path / "tiny.gguf")
    model = model_of(whole)
    whole.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(ModelDamaged, match="cut short"):
        loading(lambda _: model, 1, "embedding", 1)(Cancel())


def test_a_stop_ends_the_job_and_the_process_goes_on(tmp_path: Path, ask: Ask) -> None:
    ask(load(tiny_encoder.write(tmp_path / "tiny.gguf")))
    cancel = Cancel()
    process: Process = ask.process  # type: ignore[attr-defined]

    def press_soon() -> None:
        for report in process.ask(wire.Embed(texts=(LONG,) * 4000), cancel, silent_s=300):
            if isinstance(report, wire.Reading):
                cancel.press()

    with pytest.raises(Cancelled):
        press_soon()
    assert len(vectors(ask(wire.Embed(texts=("plum",))))) == 1


def test_the_walls_of_the_encoder_and_of_the_maker_hold(tmp_path: Path, ask: Ask) -> None:
    ask(load(tiny_encoder.write(tmp_path / "tiny.gguf")))
    process: Process = ask.process  # type: ignore[attr-defined]
    with Process("embedder maker", "engine.worker.embeddermaker", private=tmp_path / "private") as maker:
        finish_all(maker.ask(wire.MakeEmbedder(folder=str(tmp_path / "made")), Cancel(), silent_s=300))
        told = [*process.walls, *maker.walls]
    assert [walls.kind for walls in told] == ["encoder", "embedder maker"]
    for walls in told:
        assert walls.channels
        assert all(channel.holds for channel in walls.channels)


def finish_all(reports: Iterator[wire.Message]) -> None:
    """Hear a job to its end."""
    for _ in reports:
        pass


def embed_some(documents: Documents, passages: int) -> None:
    """Begin, and stop after so many."""
    cancel = Cancel()
    for event in documents.embed(cancel):
        if isinstance(event, Progressed) and event.done >= passages:
            cancel.press()


def test_documents_are_read_again_by_another_model_and_searched_with_the_one_before_meanwhile(
    tmp_path: Path, store: Store, places: Places
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.txt").write_text(f"plum jam number {number} is boiled how long")
    models = {
        1: model_of(tiny_encoder.write(tmp_path / "one.gguf", seed=1)),
        2: model_of(tiny_encoder.write(tmp_path / "two.gguf", seed=2), 2),
    }
    settings = changed(Settings(), meaning_model="1")
    documents = Documents(store.documents, places, lambda: settings, models.__getitem__)
    try:
        finish(documents.add([folder], Cancel()))
        assert finish(documents.embed(Cancel())).passages == 20
        first = store.documents.embedders.in_use()
        assert first is not None
        assert first.model_id == 1
        assert documents.preparing().complete
        settings = changed(settings, meaning_model="2")
        assert documents.preparing().changing
        with pytest.raises(Cancelled):
            embed_some(documents, 8)
        between = documents.preparing()
        assert between.changing
        assert 8 <= between.prepared < 20
        assert store.documents.embedders.in_use() == first
        assert (
            len(finish(documents.search("plum jam number 7 is boiled how long", Cancel(), by="meaning", limit=99)))
            == 20
        )
        assert finish(documents.embed(Cancel())).passages == 20 - between.prepared
        second = store.documents.embedders.in_use()
        assert second is not None
        assert second.model_id == 2
        assert list(store.documents.vectors.bits(first.name)) == []
        assert (
            len(finish(documents.search("plum jam number 7 is boiled how long", Cancel(), by="meaning", limit=99)))
            == 20
        )
        tiny_encoder.write(tmp_path / "two.gguf", seed=3)  # another model under the same name
        documents.close()
        documents = Documents(store.documents, places, lambda: settings, models.__getitem__)
        with pytest.raises(EmbedderNotUsable, match="has changed"):
            finish(documents.search("plum jam number 7 is boiled how long", Cancel(), by="meaning"))
        assert documents.preparing().changing
        assert finish(documents.embed(Cancel())).passages == 20
        assert (
            len(finish(documents.search("plum jam number 7 is boiled how long", Cancel(), by="meaning", limit=99)))
            == 20
        )
    finally:
        documents.close()


def test_a_reranking_model_puts_the_best_hits_in_its_own_order(tmp_path: Path, store: Store, places: Places) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    texts = ["plum jam", "plum is boiled", "plum how long", "plum pears keep", "plum q"]
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text)
    path = tiny_encoder.write(tmp_path / "ranks.gguf", seed=7, ranks=True)
    settings = changed(Settings(), reranker="4")
    documents = Documents(store.documents, places, lambda: settings, lambda _: model_of(path, 4))
    try:
        finish(documents.add([folder], Cancel()))
        *_, told = list(documents.search("plum", Cancel(), by="words", wait=True))
        assert isinstance(told, HitsFound)
        assert (told.complete, told.not_reordered) == (True, "")
        assert told.reordered_s > 0
        hits = told.hits
        asked = [tiny_encoder.BEGINS, *tiny_encoder.tokens("plum"), tiny_encoder.ENDS]
        scores = {
            text: float(tiny_encoder.reference([*asked, *tiny_encoder.tokens(text)], 7, ranks=True)[0])
            for text in texts
        }
        assert [hit.passage.text for hit in hits] == sorted(texts, key=lambda text: -scores[text])
        assert [hit.rank for hit in hits] == [hit.reordered_rank for hit in hits] == [1, 2, 3, 4, 5]
        path.unlink()
        documents.close()
        documents = Documents(store.documents, places, lambda: settings, lambda _: pytest.fail("not asked"))
        settings = Settings()
        assert len(finish(documents.search("plum", Cancel(), by="words", wait=True))) == 5
    finally:
        documents.close()
