"""Where the command `hanare` begins: its walls are raised before anything is imported that starts threads."""

import importlib
import sys

from engine.walls import raise_walls

UNWALLED = "verify-offline"  # makes a network of its own for a session that has to prove itself without walls


def main() -> int:
    """Raise the walls, then run the command. Returns the process's exit status."""
    if UNWALLED not in sys.argv[1:]:
        raise_walls()
    return int(importlib.import_module("engine.cli.__main__").main())  # by name, for it is not to be imported above


if __name__ == "__main__":
    sys.exit(main())
