"""`hanare key status|passphrase|recovery-code|at-start`: the ways that open the store."""

import argparse
import sys
from getpass import getpass
from typing import Any

from engine.cli.arguments import file_descriptor
from engine.cli.printing import Screen, carry_out
from engine.cli.unlocking import read_secret
from engine.cli.wording import inert
from engine.engine import Cancel, Engine
from engine.errors import TextNotAccepted
from engine.ways import KeyWays, WayIn

WAYS = {
    WayIn.KEYCHAIN: "the keychain of this computer ({keychain}), by itself",
    WayIn.FILE: "a file on this computer, by itself: anyone who can read your files can read the store",
    WayIn.PASSPHRASE: "your passphrase",
    WayIn.RECOVERY: "your recovery code",
}
ONE_WAY = "There is no other way in. Make one with: hanare key recovery-code"
LAST_RESORT = "Nothing else opens it where you forget the passphrase. Make a code with: hanare key recovery-code"


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands of this family."""
    family = commands.add_parser("key", help="passphrase and recovery code: what opens the store")
    actions = family.add_subparsers(dest="action", metavar="ACTION", required=True)

    status = actions.add_parser("status", parents=[shared], help="which ways open the store")
    status.set_defaults(run=run_status)

    passphrase = actions.add_parser(
        "passphrase", parents=[shared], help="set, change or remove the passphrase", description="Asks at the terminal."
    )
    choice = passphrase.add_mutually_exclusive_group()
    choice.add_argument("--remove", action="store_true", help="forget the passphrase")
    choice.add_argument(
        "--new-passphrase-fd", type=file_descriptor, metavar="N", help="read the new one from this file descriptor"
    )
    passphrase.set_defaults(run=run_passphrase)

    code = actions.add_parser("recovery-code", parents=[shared], help="make a new recovery code and print it once")
    code.set_defaults(run=run_recovery_code)

    at_start = actions.add_parser(
        "at-start", parents=[shared], help="have every start ask, or let the keychain open the store by itself"
    )
    at_start.add_argument("who", choices=("ask", "keychain"), help="ask: nobody gets in without typing something")
    at_start.set_defaults(run=run_at_start)


def run_status(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print every way that opens the store."""
    ways = engine.keys.ways
    screen.heading("The store opens with")
    for way in ways.ways:
        screen.say(f"  {WAYS[way].format(keychain=ways.keychain)}")
    if ways.only_keychain:
        screen.say(ONE_WAY)
    screen.document(key_facts(ways))
    return 0


def run_passphrase(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Set the passphrase, or forget it."""
    if arguments.remove:
        engine.keys.remove_passphrase()
        screen.say("The passphrase is forgotten.")
    else:
        cancel = Cancel()
        carry_out(
            engine.keys.set_passphrase(_new_passphrase(arguments.new_passphrase_fd), cancel), cancel, screen.follow
        )
        screen.say("The passphrase is set.")
        if WayIn.RECOVERY not in engine.keys.ways.ways:
            screen.say(LAST_RESORT)
    if engine.key_kept_in == WayIn.FILE:
        screen.say("The key lies in a file again, readable by you alone; the store opens by itself.")
    screen.document(key_facts(engine.keys.ways))
    return 0


def run_recovery_code(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print a new code and let it, and no former one, open the store."""
    former = WayIn.RECOVERY in engine.keys.ways.ways
    code = engine.keys.new_recovery_code()
    screen.say("Write this down or print it, and keep it away from this computer. It is not shown again.")
    screen.say()
    screen.heading(f"  {code}")
    screen.say()
    screen.document({"recovery_code": code})
    engine.keys.keep_recovery_code(code)  # the former one opens the store until this one has been shown
    if former:
        screen.say("The former code opens the store no more.")
    return 0


def run_at_start(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Take the keychain's way away, or give it again."""
    cancel = Cancel()
    if arguments.who == "ask":
        for name in carry_out(engine.ask_at_every_start(cancel), cancel, screen.follow):
            screen.say(f"{inert(name)} would not forget its part, which opens nothing any more.")
        screen.say("From now on every start asks for the passphrase or the recovery code.")
    else:
        carry_out(engine.let_keychain_open(cancel), cancel, screen.follow)
        screen.say(f"From now on {inert(engine.keys.ways.keychain)} opens the store by itself.")
    screen.document(key_facts(engine.keys.ways))
    return 0


def key_facts(ways: KeyWays) -> dict[str, Any]:
    """What a program may want to know of the ways."""
    return {"ways": list(ways.ways), "opened_by": ways.opened_by, "keychain": ways.keychain}


def _new_passphrase(descriptor: int | None) -> str:
    """What a script hands over, or what somebody types twice. Raises `TextNotAccepted`."""
    if descriptor is not None:
        return read_secret(descriptor)
    if not sys.stdin.isatty():
        why = "there is no terminal to type it at; a script uses --new-passphrase-fd N"
        raise TextNotAccepted(what="A passphrase", value="asked for", why=why)
    first = getpass("New passphrase: ")
    if getpass("Once more: ") != first:
        raise TextNotAccepted(what="A passphrase", value="set", why="the two are not the same")
    return first
