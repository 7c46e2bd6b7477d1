"""The engine as a whole: opens the parts in order, closes them in reverse.

    with Engine.open(Places(folder)) as engine:
        ...

This is the desktop's door to behaviour; it also hands on the few names a caller needs.
"""

from engine.operation import Cancel, Operation, finish
from engine.places import Places, default_data
from engine.settings import Settings, described

__all__ = ["Cancel", "Operation", "Places", "Settings", "default_data", "described", "finish"]
