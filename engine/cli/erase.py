"""`hanare erase`: everything is gone for good. It runs without opening the store: the keys may be lost already."""

import argparse
from typing import Any

from engine.cli.printing import Screen, carry_out
from engine.cli.unlocking import Unlocking
from engine.cli.wording import count, inert, size
from engine.engine import Cancel, Places, erase_everything

REMAINS = (
    "What may remain: on a solid-state disk, old pieces of the encrypted store, which nothing opens any more; "
    "copies and exports you made yourself. Your own documents and model files were not touched."
)


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    erase = commands.add_parser("erase", parents=[shared], help="erase everything Hanare keeps, for good")
    erase.add_argument("--yes-erase-everything", action="store_true", help="say that you mean it")
    erase.add_argument("--backups-too", action="store_true", help="erase the backups as well")
    erase.set_defaults(run_closed=run_erase)


def run_erase(places: Places, arguments: argparse.Namespace, screen: Screen, unlocking: Unlocking) -> int:
    """Erase, and say what may remain. Nothing has to be unlocked for that."""
    if not arguments.yes_erase_everything:
        screen.complain(
            f"This erases all chats, documents and settings in {places.data}, and there is no way back.",
            "If you mean it: hanare erase --yes-erase-everything (and --backups-too for the backups)",
        )
        return 1
    cancel = Cancel()
    erased = carry_out(erase_everything(places, arguments.backups_too, cancel), cancel, screen.follow)
    screen.clear_progress()
    screen.say(f"Erased: the keys, then {count(erased.files, 'file')}, {size(erased.size_bytes)}.")
    for path in erased.left:
        screen.say(f"Not Hanare's, or would not go, and so still there: {inert(str(path))}")
    if erased.backups:
        screen.say(f"{count(erased.backups, 'backup')} and what opens them are left in {inert(str(places.backups))}.")
    screen.say(REMAINS)
    screen.document({"erased": erased, "remains": REMAINS})
    return 0
