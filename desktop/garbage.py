"""Python's search for garbage, kept to the window's thread.

By itself Python looks on whatever thread happens to make an object: a widget that nothing refers to any more would then
be destroyed on a thread of the engine's work, and Qt dies of that.
"""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

LOOK_MS = 1000


class Garbage(QObject):
    """Looks on the thread it was made on, as long as it lives; Python by itself does not any more, from then on."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self)
        timer.timeout.connect(self._look)
        timer.start(LOOK_MS)

    @Slot()
    def _look(self) -> None:
        collect_what_is_due()


def collect_what_is_due() -> None:
    """Collect the generations that Python would by now have collected; most often that is none."""
    due = [generation for generation, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
           if count > most]  # fmt: skip
    if due:
        gc.collect(due[-1])
