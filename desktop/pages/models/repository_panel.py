"""A repository of the hub: what it tells of itself, its files with what fits, and the button that fetches one."""

from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QTableView, QWidget

from desktop.pages.models.download import DownloadWish
from desktop.pages.models.find_words import GATES, VERDICTS, card_words, meaning_words, offer_words, speed_words
from desktop.pages.models.token_field import TokenField
from desktop.plain import PlainLabel, tip
from desktop.theme import SPACE, colour, icon
from desktop.widgets.amounts import count_text, size_text
from desktop.widgets.card import Card
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.table import Index, TableModel, table_view
from desktop.words import later, tr
from engine.quantizations import USUAL
from engine.types import HubOffer, HubRepository

TABLE_LEAST_PX = 150
TWO_PAIRS_PX = 540  # as wide as two titles with what they say, side by side


class OffersModel(TableModel[HubOffer]):
    """Shows the files of a repository."""

    titles = (later("File"), later("Quantization"), later("Size"), later("Memory"))
    figures = (2,)

    def cells(self, line: HubOffer) -> tuple[str, ...]:
        """What stands in a line, column by column."""
        size = size_text(line.size_bytes)
        if line.parts > 1:
            size = tr("{size} in {count} files", size=size, count=line.parts)
        return line.file, line.quantization, size, offer_words(line)

    def tooltip(self, line: HubOffer) -> str:
        """All of it, and what the verdict means."""
        words = self.named(line)
        if line.outlook is not None:
            words += [meaning_words(line.outlook), speed_words(line.outlook)]
        return "\n".join(word for word in words if word)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt's question."""
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == len(self.titles) - 1:
            tone = VERDICTS[line.outlook.verdict][1] if line.outlook and line.whole else "faint"
            return colour(tone or "good")
        return super().data(index, role)


class RepositoryPanel(Card):
    """Shows one repository; a file is chosen in the table and fetched with the button."""

    download_requested = Signal(object)  # a DownloadWish
    gguf_requested = Signal(str)  # words to search GGUF files with

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._shown: HubRepository | None = None
        self._pairs = 0
        self.name = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self.name.setProperty("role", "heading")
        self.column.addLayout(self._head())
        facts = QWidget()
        facts.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._facts = QGridLayout(facts)
        self._facts.setContentsMargins(0, 0, 0, 0)
        self._facts.setHorizontalSpacing(SPACE.l)
        self._facts.setVerticalSpacing(SPACE.xs)
        self.column.addWidget(facts)
        self.token = TokenField(tr("Access token"), tr("Access token (only if the model asks for one)"))
        self.column.addWidget(self.token)
        self._offers = OffersModel(self)
        self.table: QTableView = table_view(self._offers, tr("Files"), 0)
        self.table.setMinimumHeight(TABLE_LEAST_PX)
        self.table.activated.connect(self._ask)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_chosen())
        self.column.addWidget(self.table, 1)
        self.note = PlainLabel("", wordWrap=True)
        self.note.setProperty("role", "small")
        self.column.addWidget(self.note)

    def show_repository(self, found: HubRepository) -> None:
        """Show this one; the first file that is no projector is chosen."""
        self._shown = found
        self.name.say(found.model.repository)
        self._fill_facts(found)
        self._offers.replace(found.offers)
        self.token.clear()
        self.token.setVisible(found.with_token or found.model.gated in GATES)
        self.table.setVisible(bool(found.offers))
        if found.offers:
            self.table.selectRow(self._first(found))
        self.find_gguf.setVisible(not any(_is_gguf(offer) for offer in found.offers))
        self.go.setVisible(any(offer.fetchable for offer in found.offers))
        self._show_chosen()

    @property
    def chosen(self) -> HubOffer | None:
        """The file that is chosen now."""
        row = self.table.currentIndex().row()
        return self._offers.lines[row] if 0 <= row < len(self._offers.lines) else None

    # Its own affairs.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is another amount of room: for one title and what it says in a line, or for two."""
        super().resizeEvent(event)
        if self._shown is not None and self._pairs != self._fitting_pairs():
            self._fill_facts(self._shown)

    def _head(self) -> QHBoxLayout:
        self.find_gguf = QPushButton(icon("search"), tr("Find GGUF files of it"))
        self.find_gguf.clicked.connect(self._find_gguf)
        self.go = QPushButton(icon("download", "on_accent"), tr("Download"))
        self.go.setProperty("role", "primary")
        self.go.clicked.connect(self._ask)
        row = QHBoxLayout()
        row.setSpacing(SPACE.m)
        row.addWidget(self.name, 1)
        row.addWidget(self.find_gguf)
        row.addWidget(self.go)
        return row

    def _fitting_pairs(self) -> int:
        return 2 if self.width() >= TWO_PAIRS_PX else 1

    def _fill_facts(self, found: HubRepository) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._pairs = self._fitting_pairs()
        for column in (1, 3):
            self._facts.setColumnStretch(column, int(column < 2 * self._pairs))
        for number, (title, words) in enumerate(card_words(found.model)):
            row, column = divmod(number, self._pairs)
            label, value = PlainLabel(title), ElidedLabel(words)
            label.setProperty("role", "faint")
            value.setToolTip(tip(words))
            self._facts.addWidget(label, row, 2 * column)
            self._facts.addWidget(value, row, 2 * column + 1)

    def _first(self, found: HubRepository) -> int:
        """The usual form where there is one, else the first."""
        usual = (row for row, offer in enumerate(found.offers) if offer.whole and offer.quantization == USUAL)
        return next(usual, 0)

    def _show_chosen(self) -> None:
        offer, found = self.chosen, self._shown
        self.go.setEnabled(offer is not None and offer.whole and offer.fetchable)
        words = []
        if offer is not None and not _is_gguf(offer):
            words.append(
                tr("All that belongs to it is downloaded, and then made into a GGUF file.")
                if offer.fetchable
                else tr("It is of a kind that cannot be made into a GGUF file here.")
            )
        if offer is not None and offer.outlook is not None:
            words.append(meaning_words(offer.outlook))
            speed = speed_words(offer.outlook)
            words.append(tr("Speed: {speed}. Both are estimates.", speed=speed) if speed else "")
        if found is not None and not found.offers:
            words.append(tr("It holds no files of a model that can be used here."))
        if found is not None and found.left_out:
            words.append(tr("{count} files are left out.", count=count_text(found.left_out)))
        self.note.setText(" ".join(word for word in words if word))
        self.note.setVisible(bool(self.note.text()))

    def _ask(self, _: QModelIndex | bool = False) -> None:
        offer = self.chosen
        if offer is not None and self._shown is not None and self.go.isEnabled() and not self.go.isHidden():
            wish = DownloadWish(self._shown.model.repository, offer.file)
            if not self.token.isHidden():
                token = self.token
                wish = replace(wish, token=token.text, keep_token=token.keep, kept_token=token.uses_kept)
            self.download_requested.emit(wish)

    def _find_gguf(self) -> None:
        if self._shown is not None:
            self.gguf_requested.emit(self._shown.model.repository.rsplit("/", 1)[-1])


def _is_gguf(offer: HubOffer) -> bool:
    return offer.file.lower().endswith(".gguf")
