"""Every place in the window that shows text from a model, a document, a file's name or a process.

A surface is made anew for each text, from the product's own widgets, filled as the product fills them.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QTableView, QWidget

from desktop.dialogs.start_failed import StartFailed
from desktop.dialogs.viewer_window import ViewerWindow
from desktop.error_text import error_text
from desktop.notices import Notices, Question
from desktop.pages.chat.message_card import AnswerCard
from desktop.pages.chat.view import ChatView
from desktop.pages.compare.column import Column
from desktop.pages.documents.answer_panel import AnswerPanel
from desktop.pages.documents.collection_choice import CollectionChoice
from desktop.pages.documents.collection_dialog import CollectionDialog
from desktop.pages.documents.collection_menu import Members, add_collection_menus
from desktop.pages.documents.document_list import DocumentDelegate, DocumentList
from desktop.pages.documents.document_panel import DocumentPanel
from desktop.pages.documents.hit_list import HitDelegate, HitList
from desktop.pages.documents.inspection_dialog import InspectionDialog
from desktop.pages.documents.reach_choice import ReachChoice
from desktop.pages.documents.reach_panel import ReachPanel
from desktop.pages.models.details import Details
from desktop.pages.models.downloads_card import DownloadsCard
from desktop.pages.models.model_list import ModelDelegate, ModelList
from desktop.pages.models.smaller_dialog import SmallerDialog
from desktop.pages.privacy.ledger_model import LedgerModel
from desktop.widgets.banner import Banner
from desktop.widgets.link_dialog import LinkDialog
from desktop.widgets.markdown import MarkdownView
from desktop.widgets.model_picker import ModelPicker
from desktop.widgets.progress_row import ProgressRow
from desktop.widgets.sources import SourceCard, SourceRow
from engine.context import Context
from engine.errors import DocumentDamaged, HubUnreachable, ModelDamaged
from engine.events import Progressed
from engine.loading import LoadOptions
from engine.network import Connection
from engine.quantizations import RECOMMENDED, Recipe
from engine.types import (
    Against,
    Answer,
    Attention,
    Chat,
    Checked,
    Checksum,
    Collection,
    Coverage,
    Differing,
    Document,
    DocumentState,
    Download,
    DownloadState,
    FileStanding,
    Fit,
    Folder,
    FormShare,
    Found,
    Given,
    Hit,
    Inspected,
    KnownCard,
    Made,
    Matching,
    Message,
    MessageState,
    Model,
    ModelCard,
    ModelFacts,
    ModelOrigin,
    Origin,
    Paces,
    Passage,
    PreviewedSize,
    Prospect,
    Quote,
    Reach,
    Refusal,
    Role,
    Share,
    Source,
    Standing,
    Support,
    TemplateDiff,
    Terms,
    Unread,
    WaysDown,
    Why,
)  # fmt: skip

MOMENT = "2026-01-01T00:00:00.000000+00:00"


def _path(text: str) -> Path:
    return Path("/") / text.replace("\0", "")


def _source(text: str) -> Source:
    return Source(number=1, document_id=1, path=_path(text), page=1, start=0, end=len(text), text=text, paged=True)


def _model(text: str) -> Model:
    facts = ModelFacts(
        architecture=text, name=text, parameters=1, quantization=text, context_tokens=1, layers=1, embedding=1,
        vocabulary=1, size_bytes=1, tensor_bytes=1, template=text,
    )  # fmt: skip
    made = Made(parent_id=1, parent=text, parent_sha256="", recipe=Recipe(), importance=text)
    return Model(id=1, name=text, path=_path(text), origin=ModelOrigin.DISK, facts=facts, added_at=MOMENT, made=made)


def _document(text: str) -> Document:
    return Document(
        id=1, path=_path(text), kind="text", state=DocumentState.FAILED, size_bytes=1, pages=1, passages=1,
        read_at=MOMENT, reason_code="DocumentDamaged", reason=f"{text} could not be read as {text}: {text}.",
    )  # fmt: skip


def _chat(text: str) -> QWidget:
    view = ChatView()
    chat = Chat(id=1, title=text, created_at=MOMENT, updated_at=MOMENT)
    asked = Message(id=1, chat_id=1, parent_id=None, role=Role.USER, text=text)
    told = Message(
        id=2, chat_id=1, parent_id=1, role=Role.ASSISTANT, text=text, model=text, sources=(_source(text),), note=text,
        state=MessageState.FAILED, context=Context(context_tokens=1, prompt_tokens=1, searched_for=text),
    )  # fmt: skip
    view.show_chats([chat])
    view.show_models([_model(text)], [1])
    view.show_chat(chat, [asked, told])
    view.show_problem(error_text(ModelDamaged(path=text, why=text)))
    return view


def _streamed(text: str) -> QWidget:
    view = MarkdownView()
    view.cite([1])
    for start in range(0, len(text), 7):
        view.append(text[start : start + 7])
    view.settle()
    return view


def _answer(text: str) -> QWidget:
    panel = AnswerPanel()
    panel.show_question(text)
    end = max(1, len(text))
    marked = Checked(
        start=0, end=end, support=Support.PARTLY, source=_source(text), unfound=((0, min(9, end)),), cited=(2,)
    )
    panel.show_answer(
        Answer(question=text, model=text, text=text, quotes=(), sources=(_source(text),), checked=(marked,))
    )
    return panel


def _quotes(text: str) -> QWidget:
    panel = AnswerPanel()
    quote = Quote(source=_source(text), text=text, score=1.0)
    panel.show_answer(Answer(question=text, model="", text="", quotes=(quote,), sources=()))
    return panel


def _read(text: str) -> QWidget:
    panel = ReachPanel()
    panel.show_progress(Progressed(done=1, total=2, unit="files", now=text))
    unread = Unread(path=_path(text), why=text)
    coverage = Coverage(documents=2, read=1, unread=(unread,), partly=(unread,))
    panel.show_answer(Answer(question=text, text=text, coverage=coverage))
    return panel


def _reach(text: str) -> QWidget:
    choice = ReachChoice()
    choice.offer(_document(text))
    choice.choose(Reach.DOCUMENT)
    return choice


def _listed(model: QAbstractItemModel, delegate: QStyledItemDelegate) -> QWidget:
    view = QListView()
    model.setParent(view)
    delegate.setParent(view)
    view.setModel(model)
    view.setItemDelegate(delegate)
    return view


def _hits(text: str) -> QWidget:
    model = HitList()
    passage = Passage(id=1, document_id=1, path=_path(text), page=1, start=0, end=len(text), text=text, paged=True)
    model.replace([Hit(rank=1, score=1.0, passage=passage, marks=((0, min(9, len(text))),), word_rank=1)])
    return _listed(model, HitDelegate())


def _documents(text: str) -> QWidget:
    model = DocumentList()
    model.replace([_document(text)])
    return _listed(model, DocumentDelegate())


def _folders(text: str) -> QWidget:
    panel = DocumentPanel()
    panel.show_documents([_document(text)], [Folder(id=1, path=_path(text), added_at="2026-01-01T00:00:00Z")])
    return panel


def _collections(text: str) -> QWidget:
    choice = CollectionChoice()
    named = Collection(id=1, name=text)
    choice.show_collections([named])
    choice.choose(named)
    add_collection_menus(choice.menu(), [named], Members(frozenset((1,))), print, print)
    return choice


def _nothing_there(text: str) -> QWidget:
    panel = DocumentPanel()
    named = Collection(id=1, name=text)
    panel.show_documents([_document(text)], [], (), [named], named)
    return panel


def _withheld(text: str) -> QWidget:
    end = max(1, len(text))
    card = AnswerCard(
        Message(
            id=2, chat_id=1, parent_id=1, role=Role.ASSISTANT, text="", model=text, sources=(_source(text),), note=text,
            refused=Refusal.UNSUPPORTED, withheld=text,
        )
    )  # fmt: skip
    card.note.withheld.click()
    card.show_support([Checked(start=0, end=end, support=Support.UNSUPPORTED, against=_source(text))])
    return card


def _models(text: str) -> QWidget:
    model = ModelList()
    model.replace([_model(text)])
    return _listed(model, ModelDelegate())


def _details(text: str) -> QWidget:
    details, model = Details(), _model(text)
    details.show_model(model, LoadOptions())
    fit = Fit(need_bytes=2, free_bytes=1, weights_bytes=1, context_bytes=1, working_bytes=0, context_tokens=1)
    details.memory.show_model(model, LoadOptions())
    ways, pace = WaysDown(model=model, quantization=text, quantized_bytes=1), Paces(reading=1, writing=1)
    details.memory.show_prospect(Prospect(fit=fit, ways=ways, measured=pace, expected=pace, like=text))
    card = ModelCard(
        facts=model.facts, terms=Terms(attention=Attention.FULL), vocabulary_kind=text, vocabulary_cut=text,
        origin=Origin(license=text, repository=text, commit=text, bases=(text,), quantized_by=text, matrix=text),
        forms=(FormShare(form=text, tensors=1, weights=1, size_bytes=1),),
        differing=(Differing(name=text, form=text, weights=1),),
    )  # fmt: skip
    diff = TemplateDiff(against=Against.BASE, name=text, lines=("+" + text,))
    details.about.show_card(model, KnownCard(card=card, adapters=(Matching(id=1, name=text),)))
    details.about.fold.click()
    details.about.show_checksum(Checksum(files=((text, text), (text, text)), known="reckoned"))
    details.template.show_diff(diff)
    details.template.fold.click()
    return details


def _smaller(text: str) -> QWidget:
    dialog = SmallerDialog(_model(text))
    dialog.offer_texts([Collection(id=1, name=text)], documents=True, chats=True)
    dialog.show_sizes([PreviewedSize(quantization=one, size_bytes=0, why=text) for one in RECOMMENDED])
    dialog.show_problem(text)
    dialog.show_sizes([PreviewedSize(quantization=one, size_bytes=0, why=text) for one in RECOMMENDED])
    return dialog


def _picker(text: str) -> QWidget:
    picker = ModelPicker()
    picker.show_models([_model(text)], [1])
    picker.choose(1, text)
    return picker


def _ledger(text: str) -> QWidget:
    model, view = LedgerModel(), QTableView()
    line = Connection(process=text, why="download", what=text, host=text, port=1, began_at=MOMENT)
    model.setParent(view)
    model.replace([line])
    view.setModel(model)
    return view


def _column(text: str) -> QWidget:
    column = Column("First")
    column.show_phase(text)
    column.body.show()
    column.body.show_text(text)
    column.note.show_text(text, "bad")
    column.note.show()
    return column


def _notices(text: str) -> QWidget:
    window = QWidget()
    window.resize(900, 700)
    notices = Notices(window)
    notices.error(DocumentDamaged(path=text, kind=text, why=text))
    notices.toast(text, text, window.close)
    return window


def _sources(text: str) -> QWidget:
    row = SourceRow()
    row.show_sources([_source(text)])
    return row


def _inspection(text: str) -> QWidget:
    source = _source(text)
    passage = Passage(id=1, document_id=1, path=_path(text), page=1, start=0, end=len(text), text=text, paged=True)
    answer = Answer(question=text, model=text, text=text, sources=(source,))
    dialog = InspectionDialog(text, answer, [_document(text)])
    found = Found(hit=Hit(rank=1, score=1.0, passage=passage, word_rank=1), word_score=1.0, given=Given.GIVEN)
    dialog.show_found(Inspected(asked=text, found=(found,), also=(text,)))
    dialog.show_shares(Why(shares=(Share(source=source, gain=1.0, share=1.0),), gain=1.0, tokens=1))
    file = FileStanding(
        path=_path(text),
        standing=Standing.NOT_READ,
        why=text,
        of=_path(text),
        best=passage,
        holds=(text,),
        lacks=(text,),
    )
    dialog.show_fitting((_path(text), _path(text)))
    dialog.show_looking(text)
    dialog.show_file(file)
    dialog.show_measuring(0.5, 1, text)
    return dialog


def _viewer(text: str) -> QWidget:
    window = ViewerWindow(_path(text))
    window.show_paged(False)
    window.show_text(text, 0, len(text))
    return window


def _progress(text: str) -> QWidget:
    row = ProgressRow(text)
    row.show_progress(Progressed(done=1, total=2, unit="files", now=text))
    return row


def _downloads(text: str) -> QWidget:
    card = DownloadsCard()
    failed = HubUnreachable(host=text, why=text)
    card.show_downloads(
        [
            Download(id=1, repository=text, file=text, state=DownloadState.FAILED, error=failed),
            Download(id=2, repository=text, file=text, state=DownloadState.RUNNING),
        ]
    )
    return card


SURFACES: dict[str, Callable[[str], QWidget]] = {
    "chat": _chat,
    "streamed text": _streamed,
    "written answer": _answer,
    "quotes": _quotes,
    "what was read": _read,
    "document to read": _reach,
    "search results": _hits,
    "documents": _documents,
    "folders": _folders,
    "collections": _collections,
    "empty collection": _nothing_there,
    "withheld answer": _withheld,
    "name of a collection": lambda text: CollectionDialog(text, text, text, None),  # type: ignore[arg-type]
    "models": _models,
    "facts of a model": _details,
    "smaller model": _smaller,
    "picker of models": _picker,
    "downloads": _downloads,
    "network ledger": _ledger,
    "column": _column,
    "notices": _notices,
    "question": lambda text: Question(None, text, text, text, text),  # type: ignore[arg-type]
    "banner": Banner,
    "sources": _sources,
    "card of a source": lambda text: SourceCard(_source(text)),
    "inspection": _inspection,
    "viewer": _viewer,
    "progress": _progress,
    "link": LinkDialog,
    "start that failed": lambda text: StartFailed(DocumentDamaged(path=text, kind=text, why=text), _path(text)),
}
