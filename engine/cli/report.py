"""`hanare report`: a problem report to read, and to save if you like. Nothing sends it."""

import argparse
from pathlib import Path
from typing import Any

from engine.cli.printing import Screen, carry_out
from engine.engine import Cancel, Engine


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    report = commands.add_parser("report", parents=[shared], help="a problem report to read; nothing is sent")
    report.add_argument("--save", type=Path, metavar="FILE", help="write what is shown to a file, too")
    report.set_defaults(run=run_report)


def run_report(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Show the whole report; with --save the same text goes to the file."""
    cancel = Cancel()
    report = carry_out(engine.report(cancel), cancel, screen.follow)
    screen.say(report.text)
    screen.document(report.sections)
    if arguments.save is not None:
        engine.save_report(report, arguments.save.expanduser().absolute())
    return 0
