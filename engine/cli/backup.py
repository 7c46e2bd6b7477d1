"""`hanare backup list`, `make` and `restore`."""

import argparse
from datetime import datetime
from typing import Any

from engine.cli.arguments import file_descriptor, spoken
from engine.cli.printing import Screen, carry_out
from engine.cli.unlocking import Unlocking
from engine.cli.wording import count, inert, size
from engine.engine import Cancel, Engine, Places, mended
from engine.kept import Backup, BackupKind, Mended, StoreCounts
from engine.ways import Unlock

WHY = {
    BackupKind.REGULAR: "made by itself, once a day",
    BackupKind.UPDATE: "made before an update",
    BackupKind.RESTORE: "made before a restore",
    BackupKind.ASKED: "asked for",
}


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands of this family."""
    backup = commands.add_parser("backup", help="see, make and restore backups")
    actions = backup.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[shared], help="list the backups, the newest first")
    listing.set_defaults(run=run_list)
    make = actions.add_parser("make", parents=[shared], help="make a backup now")
    make.set_defaults(run=run_make)
    restore = actions.add_parser("restore", parents=[shared], help="put a backup in place of what is here")
    restore.add_argument("backup", type=spoken, metavar="BACKUP", help="its name, its folder, or: newest")
    restore.add_argument(
        "--backup-passphrase-fd",
        type=file_descriptor,
        metavar="N",
        help="where it has a key of its own, read its passphrase or recovery code from this file descriptor",
    )
    restore.set_defaults(run=run_restore, run_unreadable=run_mend)


def run_list(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print one line for each backup."""
    backups = engine.backups.all()
    for backup in backups:
        screen.say(f"{inert(backup.name)}  {facts(backup)}")
    if not backups:
        screen.say("There are no backups yet. Make one with: hanare backup make")
    else:
        screen.say(f"They are in {inert(str(engine.places.backups))}.")
    screen.document({"folder": engine.places.backups, "backups": backups})
    return 0


def run_make(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Make a backup and say where it is."""
    cancel = Cancel()
    backup = carry_out(engine.backups.make(cancel), cancel, screen.follow)
    screen.say(f"Backed up and test-opened: {inert(str(backup.path))}")
    screen.say(facts(backup))
    screen.document(backup)
    return 0


def run_restore(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Restore a backup and say what there was before and what there is now."""
    unlocking = Unlocking(arguments.backup_passphrase_fd, screen)
    restored = unlocking.carry_out(lambda unlock, cancel: engine.restore(arguments.backup, cancel, unlock=unlock))
    screen.say(f"Before: {held(restored.before)}.")
    screen.say(f"Now:    {held(restored.after)}.")
    if restored.aside is not None:
        screen.say(f"What there was before is kept in the backup {inert(restored.aside.name)}.")
    screen.document(restored)
    return 0


def run_mend(places: Places, arguments: argparse.Namespace, screen: Screen, unlocking: Unlocking) -> int:
    """Restore a backup where the store cannot be opened any more; the damaged file is kept, and read if it can be."""

    def attempt(backup_unlock: Unlock | None) -> Mended:
        return unlocking.carry_out(
            lambda unlock, cancel: mended(places, arguments.backup, cancel, unlock=unlock, backup_unlock=backup_unlock)
        )

    done = Unlocking(arguments.backup_passphrase_fd, screen).open(attempt)
    screen.say(f"The store was damaged. It is kept in {inert(str(done.damaged))}.")
    screen.say(f"Now: {held(done.after)}.")
    screen.say(
        f"{count(done.salvaged, 'row')} that came after the backup could be read of the damaged file, "
        f"{done.unreadable} could not. Documents that came after it are added again with: hanare index PATH"
    )
    screen.document(done)
    return 0


def facts(backup: Backup) -> str:
    """When and why a backup was made and what it holds."""
    moment = datetime.fromisoformat(backup.made_at).astimezone()
    return f"{moment:%Y-%m-%d %H:%M}, {WHY[backup.kind]}, {size(backup.size_bytes)}: {held(backup.counts)}"


def held(counts: StoreCounts) -> str:
    """How much that is, for a person."""
    return f"{count(counts.chats, 'chat')}, {count(counts.messages, 'message')}, {count(counts.documents, 'document')}"
