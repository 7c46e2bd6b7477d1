"""`hanare states`: what is kept of long chats so that they need not be read again."""

import argparse
from typing import Any

from engine.cli.printing import Screen, carry_out
from engine.cli.wording import count, size
from engine.engine import Cancel, Engine


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    states = commands.add_parser("states", parents=[shared], help="what is kept of long chats to reopen them quickly")
    states.add_argument("--remove", action="store_true", help="remove it; the chats themselves stay as they are")
    states.set_defaults(run=run_states)


def run_states(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Say how much is kept, or remove it."""
    if arguments.remove:
        cancel = Cancel()
        kept = carry_out(engine.remove_states(cancel), cancel, screen.follow)
        screen.say(f"Removed: what was kept of {count(kept.chats, 'chat')}, {size(kept.size_bytes)}.")
    else:
        kept = engine.states.total()
        screen.say(
            f"Kept of {count(kept.chats, 'chat')}: {size(kept.size_bytes)}, so that they need not be read again."
        )
    screen.document(kept)
    return 0
