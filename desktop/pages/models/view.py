"""How the Models page looks. It knows no engine and starts no work."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.pages.models.details import Details
from desktop.pages.models.download import DownloadDialog, DownloadWish
from desktop.pages.models.downloads_card import DownloadsCard
from desktop.pages.models.find_panel import FindPanel
from desktop.pages.models.model_list import MODEL, ModelDelegate, ModelList
from desktop.pages.models.token_field import TokenField
from desktop.theme import SPACE, icon
from desktop.widgets.banner import Banner
from desktop.widgets.card import Card
from desktop.widgets.file_actions import is_local
from desktop.widgets.page_header import PageHeader
from desktop.widgets.progress_row import ProgressRow
from desktop.words import tr
from engine.loading import LoadOptions
from engine.types import Model, Purpose

LIST_PX, LIST_LEAST_PX, DETAILS_LEAST_PX = 340, 230, 450


class ModelsView(QWidget):
    """The list at the left, the chosen model's facts at the right; or the ways to find one, which come first while
    there is none but the built-in guide."""

    files_chosen = Signal(list)  # of Path
    convert_requested = Signal(object)  # the Path of a folder
    download_requested = Signal(object)  # a DownloadWish
    token_forget_requested = Signal()
    test_models_requested = Signal()
    elsewhere_requested = Signal()
    shown = Signal()
    remove_requested = Signal(int)
    model_chosen = Signal(int)
    show_file_requested = Signal(int)
    chat_requested = Signal(int)
    stages_requested = Signal()  # of the guide
    comparison_requested = Signal(int, int, str)  # two models and a question for both
    load_anyway_requested = Signal(int)
    unload_requested = Signal(int)
    smaller_requested = Signal(int)
    cost_requested = Signal(int)
    option_chosen = Signal(int, str, object)  # as `Details` has it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._rows = ModelList(self)
        self.list = QListView()
        self.details = Details()
        self.test_banner = Banner(
            tr("The test models are real machinery with random weights: they answer, but write noise. "
               "Open or download a model to chat in earnest."),
            tone="warn", icon_name="info",
        )  # fmt: skip
        self.progress = Card()
        self.downloads = DownloadsCard()
        self.finder = FindPanel()
        self._finding: bool | None = None  # what the person chose to see; None: nothing yet
        self.token_kept = False
        self.folder_to_convert: Path | None = None  # the one that was downloaded last
        self._body = QStackedWidget()
        self._lay_out()
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.details.remove_requested.connect(self.remove_requested)
        self.details.show_file_requested.connect(self.show_file_requested)
        self.details.chat_requested.connect(self.chat_requested)
        self.details.bigger_requested.connect(self.recommend)
        self.details.stages_requested.connect(self.stages_requested)
        self.details.load_anyway_requested.connect(self.load_anyway_requested)
        self.details.unload_requested.connect(self.unload_requested)
        self.details.smaller_requested.connect(self.smaller_requested)
        self.details.cost_requested.connect(self.cost_requested)
        self.details.option_chosen.connect(self.option_chosen)
        self.finder.download_requested.connect(self.download_requested)
        self.finder.repository.token.forget_requested.connect(self.token_forget_requested)
        self.finder.test_models_requested.connect(self.test_models_requested)
        self.finder.open_requested.connect(self._open)
        self.finder.by_name_requested.connect(self._download)
        self.finder.elsewhere_requested.connect(self.elsewhere_requested)
        self.finder.back_requested.connect(lambda: self._find(finding=False))

    # What the window may ask of this page.

    def came_on_show(self) -> None:
        """The page has come to the front: the keyboard is on the list, or where one begins to fill it."""
        if self._body.currentIndex():
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.finder.begin()

    def recommend(self) -> None:
        """Show the models to get for chats."""
        self.finder.recommended.choose(Purpose.CHAT)
        self.finder.recommend()
        self._find(finding=True)

    # What the presenter may ask of this page.

    def show_models(self, models: Sequence[Model], chosen_id: int | None) -> None:
        """List the models, and show the one chosen, else the first."""
        if not models:
            self._finding = None
        found = self._body.currentIndex() == 0
        self._rows.replace(models)
        self._show_body()
        if models:
            index = self._rows.index_of(chosen_id or 0)
            self.list.setCurrentIndex(index if index.isValid() else self._rows.index(0))
            began = found and self._body.currentIndex() == 1
            if began and self.isVisible():  # the button that was pressed is gone: the keyboard goes to what came of it
                self.came_on_show()

    def show_details(self, model: Model, options: LoadOptions, drafts: Sequence[Model] = ()) -> None:
        """Show what is known of a model."""
        self.details.show_model(model, options, drafts)

    def show_token(self, kept: bool) -> None:
        """Whether the keychain keeps an access token, in every field for one."""
        self.token_kept = kept
        for field in self.findChildren(TokenField):
            field.show_kept(kept)

    def add_progress(self, title: str) -> ProgressRow:
        """A row for work that has begun; `end_progress` takes it away."""
        row = ProgressRow(title)
        self.progress.column.addWidget(row)
        self.progress.show()
        return row

    def end_progress(self, row: ProgressRow) -> None:
        """The work of this row has ended."""
        self.progress.column.removeWidget(row)
        row.deleteLater()
        self.progress.setVisible(self.progress.column.count() > 0)

    def show_making(self, making: bool) -> None:
        """Whether the test models are being made now."""
        self.finder.show_making(making)

    # Its own affairs.

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.l)
        column.setSpacing(SPACE.l)
        header = PageHeader(
            tr("Models"), tr("Files in the GGUF format. They run on this computer, each in a process of its own.")
        )
        header.add(self._make_header_buttons())
        column.addWidget(header)
        column.addWidget(self.test_banner)
        column.addWidget(self.progress)
        column.addWidget(self.downloads)
        self.test_banner.hide()
        self.progress.hide()
        self._body.addWidget(self.finder)
        self._body.addWidget(self._make_filled())
        column.addWidget(self._body, 1)

    def _make_header_buttons(self) -> QWidget:
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.s)
        self.open = QPushButton(icon("plus", "on_accent"), tr("Open a GGUF file…"))
        self.open.setProperty("role", "primary")
        self.open.clicked.connect(self._open)
        self.find_more = QPushButton(icon("search"), tr("Find a model…"))
        self.find_more.clicked.connect(lambda: self._find(finding=True))
        more = QToolButton()
        more.setIcon(icon("more"))
        more.setAccessibleName(tr("More"))
        more.setToolTip(tr("More"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(more)
        menu.addAction(tr("Download…"), self._download)
        menu.addAction(tr("Models on this computer…"), self.elsewhere_requested.emit)
        menu.addAction(tr("Convert a folder…"), self._convert)
        menu.addAction(tr("Make test models"), self.test_models_requested.emit)
        more.setMenu(menu)
        for widget in (self.find_more, self.open, more):
            row.addWidget(widget)
        return buttons

    def _make_filled(self) -> QWidget:
        self.list.setModel(self._rows)
        self.list.setItemDelegate(ModelDelegate(self.list))
        self.list.setAccessibleName(tr("Models"))
        self.list.setMinimumWidth(LIST_LEAST_PX)
        self.list.setMaximumWidth(LIST_PX)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setIconSize(QSize(0, 0))
        self.details.setMinimumWidth(DETAILS_LEAST_PX)
        filled = QWidget()
        row = QHBoxLayout(filled)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.l)
        row.addWidget(self.list, 2)
        row.addWidget(self.details, 3)
        return filled

    def _find(self, *, finding: bool) -> None:
        """Go to where models are found, or back to those that are here."""
        self._finding = finding
        self._show_body()
        self.came_on_show()

    def _show_body(self) -> None:
        """The list, or where models are found."""
        models = self._rows.models
        finding = all(model.built_in for model in models) if self._finding is None else self._finding
        listed = bool(models) and not finding
        self._body.setCurrentIndex(1 if listed else 0)
        self.finder.back.setVisible(bool(models))
        for button in (self.open, self.find_more):  # where models are found, they stand in the midst of it
            button.setVisible(listed)
        others = [model for model in models if not model.built_in]
        self.test_banner.setVisible(listed and bool(others) and all(model.is_test for model in others))

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            model: Model = index.data(MODEL)
            self.model_chosen.emit(model.id)

    def _open(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, tr("Open GGUF files"), "", tr("GGUF models (*.gguf)"))
        if names:
            self.files_chosen.emit([Path(name) for name in names])

    def _convert(self) -> None:
        title, begin = tr("Choose a folder with a model in safetensors"), self.folder_to_convert
        name = QFileDialog.getExistingDirectory(self, title, str(begin or ""))
        if name:
            self.convert_requested.emit(Path(name))

    def _download(self) -> None:
        dialog = DownloadDialog(self)
        dialog.token.show_kept(self.token_kept)
        dialog.token.forget_requested.connect(self.token_forget_requested)
        if dialog.exec() == DownloadDialog.DialogCode.Accepted:
            self._ask_download(dialog.wish)

    def _ask_download(self, wish: DownloadWish) -> None:
        self.download_requested.emit(wish)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's message."""
        super().showEvent(event)
        self.shown.emit()

    # Dropping files anywhere on the page opens them; a folder is converted.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt's question."""
        if _models_in(event) or _folder_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt's wish."""
        if files := _models_in(event):
            self.files_chosen.emit(files)
        elif folder := _folder_in(event):
            self.convert_requested.emit(folder)
        event.acceptProposedAction()


def _models_in(event: QDropEvent) -> list[Path]:
    return [file for file in _local(event) if file.suffix.lower() == ".gguf"]


def _folder_in(event: QDropEvent) -> Path | None:
    """The one folder that is dropped, or that of a file of safetensors."""
    folders = {path.parent if path.suffix == ".safetensors" else path for path in _local(event)}
    only = folders.pop() if len(folders) == 1 else None
    return only if only is not None and only.is_dir() else None


def _local(event: QDropEvent) -> list[Path]:
    urls = event.mimeData().urls()
    files = [Path(url.toLocalFile()) for url in urls if url.isLocalFile() and not url.host()]
    return [file for file in files if is_local(file)]
