"""numpy, read from disk when something of it is first used: a window's start needs nothing of it.

from engine import arrays as np
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import *  # noqa: F403 - for the type checker this module is numpy


def __getattr__(name: str) -> Any:
    return getattr(importlib.import_module("numpy"), name)
