"""`hanare collections list|add|remove|rename|delete`: named groups of documents and folders."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engine.cli.arguments import spoken
from engine.cli.document_list import means
from engine.cli.printing import Screen
from engine.cli.wording import count, inert
from engine.engine import Engine
from engine.errors import NotFound, TextNotAccepted
from engine.types import Collection, Document, Folder

WHICH = "a document's number or path, a folder that is kept in step, or another one for what was added from it"


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands of this family."""
    family = commands.add_parser("collections", help="named groups of documents, to search in and to ask")
    actions = family.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", parents=[shared], help="every collection, with what is in it").set_defaults(run=run_list)
    for action, run, told in (
        ("add", run_add, "put documents and folders in a collection, which is made where it is not there"),
        ("remove", run_remove, "take documents and folders out of a collection; they stay among your documents"),
    ):
        command = actions.add_parser(action, parents=[shared], help=told)
        command.add_argument("name", type=spoken, metavar="NAME")
        command.add_argument("which", nargs="+", metavar="PATH", help=WHICH)
        command.set_defaults(run=run)
    rename = actions.add_parser("rename", parents=[shared], help="call a collection otherwise")
    rename.add_argument("name", type=spoken, metavar="NAME")
    rename.add_argument("new_name", type=spoken, metavar="NEW")
    rename.set_defaults(run=run_rename)
    delete = actions.add_parser("delete", parents=[shared], help="forget a collection; the documents in it stay")
    delete.add_argument("name", type=spoken, metavar="NAME")
    delete.set_defaults(run=run_delete)


def run_list(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print every collection."""
    collections = engine.documents.collections.all()
    for collection in collections:
        _say(engine, collection, screen)
    if not collections:
        screen.say("There are no collections yet. Make one with: hanare collections add NAME PATH")
    screen.document({"collections": [_facts(engine, one) for one in collections]})
    return 0


def run_add(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Put documents and folders in a collection."""
    collections = engine.documents.collections
    documents, folders = _chosen(engine, arguments.which)
    try:
        collection = collections.find(arguments.name)
    except NotFound:
        collection = collections.make(arguments.name)
    collections.add(collection, documents, folders)
    return _told(engine, collection.name, screen)


def run_remove(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Take documents and folders out of a collection."""
    collection = engine.documents.collections.find(arguments.name)
    for which in arguments.which:
        documents, folders = _chosen(engine, [which])
        if not documents & collection.put_in and not folders & collection.folders:
            raise _not_in(collection, which, documents & collection.documents)
        engine.documents.collections.take_out(collection, documents, folders)
    return _told(engine, collection.name, screen)


def run_rename(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Call a collection otherwise."""
    collections = engine.documents.collections
    collections.rename(collections.find(arguments.name), arguments.new_name)
    return _told(engine, arguments.new_name, screen)


def run_delete(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Forget a collection."""
    collection = engine.documents.collections.find(arguments.name)
    facts = _facts(engine, collection)
    engine.documents.collections.delete(collection)
    screen.say(inert(f"{collection.name} deleted. Its documents stay."))
    screen.document(facts)
    return 0


# Its own affairs.


def _chosen(engine: Engine, which: Iterable[str]) -> tuple[set[int], set[int]]:
    """The ids of the documents and of the folders that are meant. Raises `NotFound`."""
    documents, folders = engine.documents.all(), engine.documents.folders.all()
    chosen: tuple[set[int], set[int]] = set(), set()
    for each in which:
        whole = [folder.id for folder in folders if folder.path == Path(each).expanduser().absolute()]
        single = [] if whole else [document.id for document in documents if means(each, document)]
        if not whole and not single:
            raise NotFound(what="document", which=each)
        chosen[0].update(single)
        chosen[1].update(whole)
    return chosen


def _not_in(collection: Collection, which: str, with_folder: set[int]) -> NotFound | TextNotAccepted:
    """Why something cannot be taken out."""
    if not with_folder:
        return NotFound(what=f"document in “{collection.name}” that is called", which=which)
    why = "it is in it with its folder, which can be taken out"
    return TextNotAccepted(what=which, value=f"taken out of “{collection.name}”", why=why)


def _told(engine: Engine, name: str, screen: Screen) -> int:
    collection = engine.documents.collections.find(name)
    _say(engine, collection, screen)
    screen.document(_facts(engine, collection))
    return 0


def _say(engine: Engine, collection: Collection, screen: Screen) -> None:
    screen.say(inert(f"{collection.name}: {count(len(collection.documents), 'document')}"))
    for folder in _folders(engine, collection):
        screen.say(inert(f"      all in {folder.path}"))
    for document in _put_in(engine, collection):
        screen.say(inert(f"{document.id:>4}  {document.path}"))


def _folders(engine: Engine, collection: Collection) -> list[Folder]:
    return [folder for folder in engine.documents.folders.all() if folder.id in collection.folders]


def _put_in(engine: Engine, collection: Collection) -> list[Document]:
    return [document for document in engine.documents.all() if document.id in collection.put_in]


def _facts(engine: Engine, collection: Collection) -> dict[str, Any]:
    return {
        "name": collection.name,
        "documents": len(collection.documents),
        "folders": [str(folder.path) for folder in _folders(engine, collection)],
        "put_in": [str(document.path) for document in _put_in(engine, collection)],
    }
