"""Makes, names and deletes collections, and puts documents and folders in them, each with an Undo."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot

from desktop.error_text import error_text
from desktop.notices import Notices
from desktop.pages.documents.collection_dialog import CollectionDialog
from desktop.pages.documents.collection_menu import Members
from desktop.pages.documents.view import DocumentsView
from desktop.words import tr
from engine.engine import Engine
from engine.errors import EngineError
from engine.types import Collection


class CollectionKeeper(QObject):
    """Lives as long as the page. `show` shows what is there."""

    def __init__(self, view: DocumentsView, engine: Engine, notices: Notices, show: Callable[[], None]) -> None:
        super().__init__(view)
        self._view, self._notices, self._show = view, notices, show
        self._collections = engine.documents.collections
        view.collections.new_requested.connect(self._ask_new)
        view.collections.rename_requested.connect(self._ask_name)
        view.collections.delete_requested.connect(self._delete)
        for part in (view.documents, view.documents.folders):
            part.collect_requested.connect(self._add)
            part.take_out_requested.connect(self._take_out)

    # Names.

    @Slot()
    def _ask_new(self, members: Members | None = None) -> None:
        self._ask(tr("New collection"), "", tr("Create"), partial(self._make, members or Members()))

    def _make(self, members: Members, name: str) -> None:
        made = self._collections.make(name)
        if members:
            self._add(made, members)
        else:
            self._notices.toast(
                tr("“{name}” is there. A click with the right button on documents, or the menu of a folder, fills it.",
                   name=made.name)
            )  # fmt: skip

    @Slot(object)
    def _ask_name(self, collection: Collection) -> None:
        title = tr("Rename “{name}”", name=collection.name)
        self._ask(title, collection.name, tr("Save"), partial(self._collections.rename, collection))

    def _ask(self, title: str, name: str, yes: str, keep: Callable[[str], None]) -> None:
        dialog = CollectionDialog(title, name, yes, self._view.window())
        dialog.keep_requested.connect(partial(self._keep, dialog, keep))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _keep(self, dialog: CollectionDialog, keep: Callable[[str], None], name: str) -> None:
        try:
            keep(name)
        except EngineError as error:
            dialog.show_problem(error_text(error).sentence)
            return
        dialog.accept()
        self._show()

    # What is in them.

    @Slot(object)
    def _delete(self, collection: Collection) -> None:
        said = tr("“{name}” was deleted. Its documents stay.", name=collection.name)
        self._do(partial(self._collections.delete, collection), said, partial(self._collections.restore, collection))

    @Slot(object, object)
    def _add(self, collection: Collection | None, members: Members) -> None:
        if collection is None:
            self._ask_new(members)
            return
        new = Members(members.documents - collection.put_in, members.folders - collection.folders)
        add, undo = (
            partial(act, collection, new.documents, new.folders)
            for act in (self._collections.add, self._collections.take_out)
        )
        self._do(add, tr("Added to “{name}”.", name=collection.name), undo)

    @Slot(object, object)
    def _take_out(self, collection: Collection, members: Members) -> None:
        take, undo = (
            partial(act, collection, members.documents, members.folders)
            for act in (self._collections.take_out, self._collections.add)
        )
        self._do(take, tr("Taken out of “{name}”.", name=collection.name), undo)

    def _do(self, act: Callable[[], None], said: str, undo: Callable[[], None]) -> None:
        if self._notices.attempt(act):
            self._show()
            self._notices.toast(said, tr("Undo"), partial(self._undo, undo))

    def _undo(self, undo: Callable[[], None]) -> None:
        if self._notices.attempt(undo):
            self._show()
