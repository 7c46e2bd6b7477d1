"""`hanare doctor`: is everything well on this computer?"""

import argparse
from typing import Any

from engine.cli.printing import Screen, carry_out
from engine.cli.wording import inert
from engine.engine import Cancel, Engine


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    doctor = commands.add_parser("doctor", parents=[shared], help="look whether everything is well")
    doctor.set_defaults(run=run_doctor)


def run_doctor(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print one line for each thing looked at; 1 when something is not well."""
    cancel = Cancel()
    checks = carry_out(engine.examine(cancel), cancel, screen.follow)
    for check in checks:
        screen.say(f"{'well' if check.ok else 'NOT WELL':<9} {check.name}: {inert(check.found)}")
        if check.advice:
            screen.say(f"{'':<9} {check.advice}")
    well = all(check.ok for check in checks)
    screen.document({"well": well, "checks": checks})
    return 0 if well else 1
