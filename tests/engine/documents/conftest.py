"""What the tests of documents share: open documents, and short ways to add and search."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.documents import documents as engine_documents
from engine.documents.embedding import Embedder
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store import Store
from engine.types import Hit, IndexReport


@pytest.fixture
def documents(store: Store, places: Places) -> Iterator[Documents]:
    """Documents on an empty store."""
    opened = Documents(store.documents, places)
    yield opened
    opened.close()


@pytest.fixture
def quick(store: Store, places: Places, monkeypatch: pytest.MonkeyPatch) -> Iterator[Documents]:
    """Documents with an embedder that needs no torch."""
    monkeypatch.setattr(engine_documents, "Embedder", partial(Embedder, module="tests.fakes.embedder_worker"))
    opened = Documents(store.documents, places)
    yield opened
    opened.close()


@pytest.fixture
def add(documents: Documents) -> Callable[..., IndexReport]:
    """Adds files and folders."""
    return lambda *paths: finish(documents.add(paths, Cancel()))


@pytest.fixture
def search(documents: Documents) -> Callable[[str], tuple[Hit, ...]]:
    """Searches by words."""
    return lambda query: finish(documents.search(query, Cancel(), by="words"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for documents."""
    made = tmp_path / "papers"
    made.mkdir()
    return made
