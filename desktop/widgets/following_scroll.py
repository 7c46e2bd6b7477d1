"""A scroll area that stays at its end while it grows, as long as the person is there."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QScrollArea, QWidget

NEAR_END_PX = 40


class FollowingScroll(QScrollArea):
    """Scrolling up lets go of the end; scrolling back to it takes hold again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.following = True
        self._resting = False
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._on_grown)

    @Slot()
    def follow(self) -> None:
        """Go to the end, and on with it."""
        self.following, self._resting = True, False
        self._to_end()

    @Slot()
    def rest(self) -> None:
        """Nothing more comes: whoever only followed begins to read at the top, others stay where they are."""
        following, self.following, self._resting = self.following, False, True
        if following:
            self.verticalScrollBar().setValue(0)

    def _to_end(self) -> None:
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        self.following = not self._resting and value >= self.verticalScrollBar().maximum() - NEAR_END_PX

    @Slot()
    def _on_grown(self) -> None:
        if self.following:
            self._to_end()
