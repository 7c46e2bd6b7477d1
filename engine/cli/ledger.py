"""`hanare ledger`: every connection Hanare has made or tried."""

import argparse
from pathlib import Path
from typing import Any

from engine.cli.printing import Screen
from engine.cli.wording import count, inert, size
from engine.engine import Engine
from engine.network import Connection, Outcome

OUTCOMES = {
    Outcome.OPEN: "open",
    Outcome.CLOSED: "ended",
    Outcome.FAILED: "never came about",
    Outcome.BROKEN: "broke off",
    Outcome.CUT: "cut off with its process",
    Outcome.BLOCKED: "REFUSED by this computer",
}


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    ledger = commands.add_parser("ledger", parents=[shared], help="every connection Hanare has made or tried")
    ledger.add_argument("--save", type=Path, metavar="FILE", help="write it to a .csv or .json file")
    ledger.set_defaults(run=run_ledger)


def run_ledger(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print one line for each connection, the oldest first, and what they come to."""
    lines, totals = tuple(reversed(engine.ledger.all())), engine.ledger.totals()
    if arguments.save is not None:
        engine.ledger.export(arguments.save.expanduser().absolute())
    for line in lines:
        screen.say(one_line(line))
    if not lines:
        screen.say("Hanare has made no connection yet.")
    else:
        screen.say(
            f"{count(totals.connections, 'connection')} to {count(totals.hosts, 'host')}: {size(totals.sent_bytes)} "
            f"sent, {size(totals.received_bytes)} received; {count(totals.blocked, 'attempt')} refused."
        )
    screen.document({"totals": totals, "connections": lines})
    return 0


def one_line(line: Connection) -> str:
    """When, where, how much each way, for what, by which process, how it ended."""
    errand = " ".join(part for part in (line.why, line.what) if part) or "nothing anyone asked for"
    host = line.host or f"not said ({line.channel})"
    where = f"{host}:{line.port}" if line.port else host
    return inert(
        f"{line.began_at[:19].replace('T', ' ')} UTC  {where}  {line.sent_bytes:,} bytes out, "
        f"{line.received_bytes:,} bytes in  {errand}  ({line.process}, {OUTCOMES[line.outcome]})"
    )
