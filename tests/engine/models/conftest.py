"""The library over a real store, and a hub on this computer."""

from collections.abc import Iterator

import pytest

from engine.ledger import Ledger
from engine.models import Models
from engine.places import Places
from engine.store import Store
from tests.fakes.hub import FakeHub


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """A hub without files or faults."""
    with FakeHub() as running:
        yield running


@pytest.fixture
def models(store: Store, places: Places, hub: FakeHub) -> Models:
    """An empty library that knows that hub."""
    return Models(store.models, Ledger(store.connections), places, endpoint=hub.endpoint)
