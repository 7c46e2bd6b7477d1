"""What a model thinks before an answer, and how long it took."""

import time

from engine.events import Event, ThoughtAdded
from engine.operation import Operation, Result, heard


class Thought:
    """Grows with `add`; `seconds` run from its first piece to its last."""

    def __init__(self, text: str = "", seconds: float = 0.0) -> None:
        """With what was thought before, if anything was."""
        self.text, self.seconds = text, seconds
        self._began = 0.0

    def add(self, piece: str) -> None:
        """One piece more."""
        now = time.monotonic()
        self._began = self._began or now - self.seconds
        self.text += piece
        self.seconds = now - self._began

    def of(self, work: Operation[Result]) -> Operation[Result]:
        """Do the work; what is thought meanwhile grows here."""

        def hear(event: Event) -> Event:
            if isinstance(event, ThoughtAdded):
                self.add(event.text)
            return event

        return heard(work, hear)
