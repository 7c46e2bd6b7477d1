"""Whose text a model is measured with, as `--text`, `--collection`, `--documents` and `--chats` say it."""

import argparse
from dataclasses import replace
from typing import TypeVar

from engine.engine import Engine
from engine.types import CostText, Importance, TextOf

Wish = TypeVar("Wish", Importance, CostText)


def with_text(engine: Engine, arguments: argparse.Namespace, wish: Wish) -> Wish:
    """`wish` with the text that is named; as it is where none is. Raises `NotFound` for a collection."""
    if arguments.text is not None:
        return replace(wish, text=TextOf.FILE, path=arguments.text.expanduser().absolute())
    if arguments.collection is not None:
        found = engine.documents.collections.find(arguments.collection)
        return replace(wish, text=TextOf.COLLECTION, collection=found.id)
    if arguments.documents or arguments.chats:
        return replace(wish, text=TextOf.CHATS if arguments.chats else TextOf.DOCUMENTS)
    return wish
