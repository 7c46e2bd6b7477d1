"""What a menu offers about collections: to put documents or folders in one, and to take them out again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QMenu

from desktop.plain import caption
from desktop.words import tr
from engine.types import Collection


@dataclass(frozen=True, slots=True)
class Members:
    """Documents and folders, by their ids."""

    documents: frozenset[int] = frozenset()
    folders: frozenset[int] = frozenset()

    def within(self, collection: Collection) -> bool:
        """Whether all of them are in it."""
        return self.documents <= collection.documents and self.folders <= collection.folders

    def put_in(self, collection: Collection) -> "Members":
        """Those that were put in it by themselves, and so can be taken out."""
        return Members(self.documents & collection.put_in, self.folders & collection.folders)

    def __bool__(self) -> bool:
        return bool(self.documents or self.folders)


def add_collection_menus(
    menu: QMenu, collections: Sequence[Collection], members: Members,
    add: Callable[[Collection | None, Members], None], take_out: Callable[[Collection, Members], None],
) -> None:  # fmt: skip
    """Offer to `add` the members to a collection, or to a new one (None), and to `take_out` those that are in one."""
    adding = menu.addMenu(tr("Add to collection"))
    for collection in collections:
        if not members.within(collection):
            adding.addAction(caption(collection.name), partial(add, collection, members))
    if not adding.isEmpty():
        adding.addSeparator()
    adding.addAction(tr("New collection…"), partial(add, None, members))
    inside = [(collection, there) for collection in collections if (there := members.put_in(collection))]
    if inside:
        taking = menu.addMenu(tr("Take out of collection"))
        for collection, there in inside:
            taking.addAction(caption(collection.name), partial(take_out, collection, there))
