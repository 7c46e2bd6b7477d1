"""`hanare move`: everything to another folder, all or nothing."""

import argparse
from pathlib import Path
from typing import Any

from engine.cli.printing import Screen
from engine.cli.unlocking import Unlocking
from engine.cli.wording import count, inert, size
from engine.engine import Places, moved


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    move = commands.add_parser("move", parents=[shared], help="move everything to another folder")
    move.add_argument("folder", type=Path, metavar="DIR", help="the new folder, which is not there yet or is empty")
    move.set_defaults(run_closed=run_move)


def run_move(places: Places, arguments: argparse.Namespace, screen: Screen, unlocking: Unlocking) -> int:
    """Move, and say where everything is."""
    done = unlocking.carry_out(lambda unlock, cancel: moved(places, arguments.folder, cancel, unlock=unlock))
    screen.say(f"Moved and compared: {count(done.files, 'file')}, {size(done.size_bytes)}, to {inert(str(done.data))}.")
    screen.say("Hanare finds it there by itself when it is started as before.")
    for path in done.left:
        screen.say(f"Would not go from the old place: {inert(str(path))}")
    screen.document(done)
    return 0
