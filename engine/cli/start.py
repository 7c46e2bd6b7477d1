"""Where the command `hanare` begins: environment cleaned and walls raised before all else is imported."""

import importlib
import sys

from engine.privacy.environment import clean

UNWALLED = "verify-offline"  # makes a network of its own for a session that has to prove itself without walls


def main() -> int:
    """Clean the environment and raise the walls, then run the command. Returns the process's exit status."""
    clean()  # before what reads it is imported, so by name below
    if UNWALLED not in sys.argv[1:]:
        importlib.import_module("engine.walls").raise_walls()
    return int(importlib.import_module("engine.cli.__main__").main())


if __name__ == "__main__":
    sys.exit(main())
