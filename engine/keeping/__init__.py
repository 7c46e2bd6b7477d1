"""Keeping what a person made: backups and bringing them back, the trash, damaged stores, moving, erasing.

Knows the store as a whole and the folders; not what is in a chat or a document.
"""

from engine.keeping.backups import Backups, listed
from engine.keeping.erasing import erase_everything
from engine.keeping.leftovers import finish_moves
from engine.keeping.mending import mended
from engine.keeping.moving import moved
from engine.keeping.upkeep import upkept

__all__ = ["Backups", "erase_everything", "finish_moves", "listed", "mended", "moved", "upkept"]
