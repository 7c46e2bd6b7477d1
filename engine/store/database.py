"""sqlite-utils' `Database`.

It asks for numpy, to know the types of columns that we never make, and takes its absence well. A window's
start is a tenth shorter without it.
"""

import sys

_absent = "numpy" not in sys.modules
if _absent:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # importing it fails, and its absence is what is wanted
try:
    from sqlite_utils import Database
finally:
    if _absent:
        del sys.modules["numpy"]

__all__ = ["Database"]
