"""Rests and goes on: whoever works passes the gate at every good moment, and waits there while it is shut."""

import threading


class Gate:
    """Open at first. Shut and opened from any thread."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()

    def set(self, *, resting: bool) -> None:
        """Shut it, or open it again."""
        if resting:
            self._open.clear()
        else:
            self._open.set()

    def passed(self) -> None:
        """Wait until it is open."""
        self._open.wait()
