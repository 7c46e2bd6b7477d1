"""`hanare models token`: the hub's access token in the keychain; and the options with which a command asks with one."""

import argparse
import sys
from getpass import getpass
from typing import Any

from engine.cli.printing import Screen, carry_out
from engine.cli.wording import inert
from engine.engine import Cancel, Engine
from engine.errors import TextNotAccepted


def add_commands(actions: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands of this family."""
    token = actions.add_parser(
        "token", parents=[shared], help="whether the keychain keeps an access token for the hub; keep or forget one",
        description="Says whether the keychain keeps an access token for the hub. The token itself is never shown.",
    )  # fmt: skip
    choice = token.add_mutually_exclusive_group()
    choice.add_argument("--ask", action="store_true", help="ask for a token at the terminal and keep it")
    choice.add_argument("--forget", action="store_true", help="have the keychain forget it")
    token.set_defaults(run=run_token)


def add_options(parser: argparse.ArgumentParser, why: str) -> None:
    """Declare how a command gets a token; `why` ends the sentence that the help says of it."""
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--ask-token", action="store_true", help=f"ask for an access token, {why}")
    choice.add_argument(
        "--kept-token", action="store_true", help="ask with the access token that the keychain keeps (models token)"
    )


def asked_token(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> str:
    """The token that was typed or is kept, as the command says; "" for none.

    Raises `TextNotAccepted` where none is kept, `TokenKeychainRefused`.
    """
    if arguments.ask_token:
        return getpass("Access token (it is not kept): ").strip()
    if not arguments.kept_token:
        return ""
    cancel = Cancel()
    token = carry_out(engine.hub_token.read(cancel), cancel, screen.follow)
    if not token:
        why = "none is kept; keep one with: hanare models token --ask"
        raise TextNotAccepted(what="A token", value="the kept one", why=why)
    return token


def run_token(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Keep one, forget it, or say whether there is one."""
    cancel = Cancel()
    if arguments.ask:
        carry_out(engine.hub_token.keep(_typed(), cancel), cancel, screen.follow)
    elif arguments.forget:
        carry_out(engine.hub_token.forget(cancel), cancel, screen.follow)
    keychain = engine.hub_token.kept_in
    if keychain:
        screen.say(f"{inert(keychain)} keeps an access token for {inert(engine.models.endpoint)}.")
        screen.say("Downloads that were begun with a token use it; others do with --kept-token.")
    else:
        screen.say("No access token is kept.")
    screen.document({"kept": bool(keychain), "keychain": keychain})
    return 0


def _typed() -> str:
    """What somebody types. Raises `TextNotAccepted`."""
    if not sys.stdin.isatty():
        raise TextNotAccepted(what="A token", value="asked for", why="there is no terminal to type it at")
    return getpass("Access token (the keychain keeps it): ").strip()
