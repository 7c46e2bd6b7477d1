"""The whole way of a document with the real reader and the real embedder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store import Store

TEXTS = {
    "cat": "The cat sleeps on the warm roof all afternoon.",
    "tax": "Tax returns are due at the end of March.",
    "sea": "Waves broke over the pier during the storm.",
}
# The same in a process of its own, which tells what it has loaded by the end.
ALL_IN_ONE = """
import json, sys
from pathlib import Path
from engine.engine import Cancel, Engine, Places, finish

with Engine.open(Places(Path(sys.argv[1]))) as engine:
    finish(engine.documents.add([Path(sys.argv[2])], Cancel()))
    finish(engine.documents.embed(Cancel()))
    hits = finish(engine.documents.search("a napping kitten", Cancel(), wait=True))
print(json.dumps({"found": hits[0].passage.path.stem, "loaded": sorted(sys.modules)}))
"""


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder of three short texts."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def test_a_question_finds_what_it_means(papers: Path, store: Store, places: Places) -> None:
    documents = Documents(store.documents, places)
    try:
        finish(documents.add([papers], Cancel()))
        assert finish(documents.embed(Cancel())).passages == 3
        for question, found in (("a napping kitten", "cat"), ("money owed to the government", "tax")):
            assert finish(documents.search(question, Cancel(), by="words")) == ()
            hits = finish(documents.search(question, Cancel()))
            assert hits[0].passage.path.stem == found
        (quote, *_) = finish(documents.quotes("When is the deadline for paying the government?", Cancel())).quotes
        assert quote.text == TEXTS["tax"]
    finally:
        documents.close()


def test_whoever_reads_embeds_and_searches_loads_no_reader_and_no_torch(papers: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ALL_IN_ONE, str(tmp_path / "data"), str(papers)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert told["found"] == "cat"
    heavy = {"llama_cpp", "torch", "sentence_transformers", "transformers", "lxml", "pypdfium2", "huggingface_hub"}
    assert not heavy & set(told["loaded"])
