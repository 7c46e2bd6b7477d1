"""`python -m desktop` opens the window; the `hanare` command does the same."""

import sys

from desktop.app import main

if __name__ == "__main__":
    sys.exit(main())
