"""The person's own texts with which something can be measured, as a list to choose from."""

from collections.abc import Sequence
from typing import Any

from desktop.words import tr
from engine.types import Collection, TextOf
from engine.unseen import visible


def texts_offered(
    collections: Sequence[Collection], *, documents: bool, chats: bool
) -> list[tuple[str, dict[str, Any]]]:
    """What each is called, and the fields of the wish for it."""
    offered: list[tuple[str, dict[str, Any]]] = []
    if documents:
        offered.append((tr("All documents"), {"text": TextOf.DOCUMENTS}))
    for collection in collections:
        name = visible(tr("Collection {name}", name=collection.name))
        offered.append((name, {"text": TextOf.COLLECTION, "collection": collection.id}))
    if chats:
        offered.append((tr("Your chats"), {"text": TextOf.CHATS}))
    return offered
