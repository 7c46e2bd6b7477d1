"""`python -m desktop` opens the window; the `hanare` command does the same."""

import sys
from collections.abc import Sequence

from engine.walls import raise_walls


def main(arguments: Sequence[str] | None = None) -> int:
    """Raise the walls, then open the window. Returns the process's exit status."""
    raise_walls()
    from desktop.app import main as open_window  # after the walls: Qt starts threads

    return open_window(arguments)


if __name__ == "__main__":
    sys.exit(main())
