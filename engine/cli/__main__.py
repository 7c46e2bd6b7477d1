"""The command `hanare`: reads the arguments, opens the engine, runs one command, explains errors.

Exit status: 0 done, 1 it could not be done (the reason is on standard error), 2 wrong usage,
3 an answer without the form it was to have, 130 stopped with Ctrl+C.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engine.cli import (
    ask,
    backup,
    chat,
    collections,
    compare,
    doctor,
    document_list,
    documents,
    erase,
    key,
    ledger,
    models,
    move,
    report,
    states,
    tour,
    verify_offline,
    why,
)
from engine.cli.advice import advice
from engine.cli.arguments import file_descriptor
from engine.cli.printing import Screen, carry_out, speak_utf8
from engine.cli.unlocking import Unlocking
from engine.cli.window import open_window, why_no_window
from engine.engine import Cancel, Engine, Places, default_data, followed, heeding_crashes
from engine.errors import Cancelled, EngineError, NotEnoughMemory, StoreUnreadable
from engine.walls import shut

FAMILIES = (
    chat, documents, ask, why, document_list, collections, models, compare, backup, erase, move, key, tour, doctor,
    ledger, verify_offline, report, states,
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="the folder that holds everything you make"
    )
    shared.add_argument(
        "--passphrase-fd",
        type=file_descriptor,
        metavar="N",
        help="where the store is locked, read the passphrase or the recovery code from this file descriptor",
    )
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    whole = argparse.ArgumentParser(
        prog="hanare",
        description="A private assistant on your own computer. Without a command it opens the window.",
        epilog="The folder for your data can also be chosen with the environment variable HANARE_DATA.",
    )
    whole.add_argument("--data", type=Path, metavar="DIR", help="the folder that holds everything you make")
    whole.add_argument("--or-tour", action="store_true", help="where no window can be opened, play the tour instead")
    whole.add_argument("--version", action="version", version=f"hanare {_version()}")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND")
    for family in FAMILIES:
        family.add_commands(commands, shared)
    return whole


def _version() -> str:
    try:
        return version("hanare")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "(not installed)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; never shows a traceback for something the person can act on."""
    speak_utf8()
    given = parser().parse_args(arguments)
    screen = Screen(wants_json=getattr(given, "json", False))
    try:
        return _run(given, screen)
    except EngineError as error:
        screen.complain(str(error), advice(error))
        return 1
    except (Cancelled, KeyboardInterrupt):
        screen.complain("Stopped.")
        return 130
    except BrokenPipeError:  # the reader of our output left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(given: argparse.Namespace, screen: Screen) -> int:
    data = given.data.expanduser().absolute() if given.data is not None else default_data()
    if given.command == "tour":
        return tour.run_tour(given, screen)
    if given.command == "verify-offline":
        return verify_offline.run_verify_offline(given, screen)
    if given.command is None:
        reason, what_to_do = why_no_window()
        if not reason:
            return open_window(data, screen)
        if not given.or_tour:
            screen.complain(reason, what_to_do)
            return 1
        screen.complain(reason, "Here is the tour in the terminal instead.")
        return tour.run_tour(given, screen)
    data = followed(data)
    places, unlocking = Places(data), Unlocking(given.passphrase_fd, screen, Places(data).store)
    if hasattr(given, "run_closed"):  # a command on the folder itself, which nobody may have open
        shut("command")
        closed: int = given.run_closed(places, given, screen, unlocking)
        return closed
    try:
        opened = unlocking.open(lambda unlock: Engine.open(places, unlock=unlock))
    except StoreUnreadable:
        if not hasattr(given, "run_unreadable"):
            raise
        shut("command")
        unreadable: int = given.run_unreadable(places, given, screen, unlocking)
        return unreadable
    with opened as engine, heeding_crashes(engine.places.crash):
        shut("command")
        if engine.newer is not None:
            screen.complain(str(engine.newer), advice(engine.newer))
        try:
            status: int = given.run(engine, given, screen)
        except NotEnoughMemory as error:  # what to do about it stands in the library
            engine.journal.note(error)
            screen.complain(str(error), advice(error, engine))
            return 1
        except EngineError as error:
            engine.journal.note(error)
            raise
        _keep_up(engine, screen)
        return status


def _keep_up(engine: Engine, screen: Screen) -> None:
    """Do what is due once a day. What goes wrong there is told, and is no failure of the command."""
    cancel = Cancel()
    try:
        carry_out(engine.upkeep(cancel), cancel, screen.follow)
    except EngineError as error:
        engine.journal.note(error)
        screen.complain(f"The backup of today was not made: {error}", advice(error))
    screen.clear_progress()


if __name__ == "__main__":
    sys.exit(importlib.import_module("engine.cli.start").main())  # by name: it imports this again, as a module
