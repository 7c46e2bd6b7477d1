"""The whole way of a document with the real reader and the real embedder."""

import sys
from pathlib import Path

from engine.documents import Documents
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store import Store


def test_a_question_finds_what_it_means_and_the_window_loads_no_torch(
    tmp_path: Path, store: Store, places: Places
) -> None:
    for name, text in (
        ("cat", "The cat sleeps on the warm roof all afternoon."),
        ("tax", "Tax returns are due at the end of March."),
        ("sea", "Waves broke over the pier during the storm."),
    ):
        (tmp_path / f"{name}.txt").write_text(text)
    documents = Documents(store.documents, places.private)
    try:
        finish(documents.add([tmp_path], Cancel()))
        assert finish(documents.embed(Cancel())) == 3
        for question, found in (("a napping kitten", "cat"), ("money owed to the government", "tax")):
            assert finish(documents.search(question, Cancel(), by="words")) == ()
            hits = finish(documents.search(question, Cancel()))
            assert hits[0].passage.path.stem == found
        (quote, *_) = finish(documents.quotes("When is the deadline for paying the government?", Cancel())).quotes
        assert quote.text == "Tax returns are due at the end of March."
    finally:
        documents.close()
    assert not {"torch", "sentence_transformers", "transformers", "lxml", "pypdfium2"} & sys.modules.keys()
