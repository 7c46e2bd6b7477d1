"""numpy, read from disk when something of it is first used.

A window's start needs nothing of it, and most answers are written without it: a tenth of a second, and eleven
megabytes in each process.

from engine import arrays as np
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import *  # noqa: F403 - for the type checker this module is numpy


def __getattr__(name: str) -> Any:
    value = globals()[name] = getattr(importlib.import_module("numpy"), name)
    return value
