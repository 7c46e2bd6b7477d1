"""Chats: what the person does with them, and the way from a message to its kept answer."""

import contextlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from engine import forms
from engine.chat.answer import Rows
from engine.chat.asking import Asking, How
from engine.chat.pictures import described, must_see
from engine.chat.replying import Replying
from engine.chat.temporary import TemporaryRows
from engine.chat.title import NEW_CHAT, title_of
from engine.chat.usual import usual
from engine.chat.why import why
from engine.chat.wide import looks_wide
from engine.context import WhenFull
from engine.documents import Documents
from engine.errors import (
    AnswerNotGoneOnWith,
    NoModel,
    NotFound,
    TextNotAccepted,
)
from engine.events import Changed, MessageKept
from engine.forms import FREE, Form
from engine.models import Models
from engine.operation import Cancel, Operation
from engine.runtime import Runtime
from engine.settings import Settings
from engine.store.chats import ChatRows
from engine.types import (
    Answer,
    Chat,
    Checked,
    Message,
    Model,
    Picture,
    Reach,
    ReadingCost,
    Role,
    Why,
)


class Chats:
    """The chats of one store. Every method from any thread."""

    def __init__(
        self, rows: ChatRows, runtime: Runtime, models: Models, documents: Documents, settings: Callable[[], Settings]
    ) -> None:
        self._rows = rows
        self._temporary = TemporaryRows()
        self._runtime = runtime
        self._models = models
        self._documents = documents
        self._asking = Asking(runtime, documents)
        self._replying = Replying(runtime, documents, self._asking, self.picture_data)
        self._settings = settings

    # The list.

    def all(self) -> tuple[Chat, ...]:
        """Every chat, the temporary ones and then the latest first."""
        return self._temporary.all() + self._rows.all()

    def trash(self) -> tuple[Chat, ...]:
        """The deleted chats, the last deleted first."""
        return self._temporary.trash() + self._rows.trash()

    def new(self, temporary: bool = False) -> Chat:
        """Begin an empty chat; its first message gives it a title.

        A temporary one is never written to a disk, and gone with the program.
        """
        return (self._temporary if temporary else self._rows).add(NEW_CHAT)

    def usual_model(self) -> Model | None:
        """The model that a new chat begins with; None where there is none at all."""
        return usual(self._models.for_chat(), self.all())

    def get(self, chat_id: int) -> Chat:
        """One chat. Raises `NotFound`."""
        return self._of(chat_id).get(chat_id)

    def rename(self, chat_id: int, title: str) -> None:
        """Give a chat a title of the person's own. Raises `NotFound`, `TextNotAccepted`."""
        self._of(chat_id).rename(chat_id, _spoken("A title", " ".join(title.split())))

    def set_when_full(self, chat_id: int, when_full: WhenFull | None) -> None:
        """What is done in this chat when it outgrows the model's context; None: as the settings say.

        Raises `NotFound`.
        """
        self._of(chat_id).set_when_full(chat_id, when_full)

    def check_form(self, form: Form, cancel: Cancel) -> Operation[tuple[str, ...]]:
        """The places of a form that only the finished answer can be checked against. Raises `FormNotUsable`."""
        yield from ()
        return forms.check(form)

    def set_form(self, chat_id: int, form: Form) -> None:
        """The form that this chat's answers are to have from now on. Raises `FormNotUsable`, `NotFound`."""
        forms.check(form)
        self._of(chat_id).set_form(chat_id, form)

    def set_thinking(self, chat_id: int, thinking: bool | None) -> None:
        """Whether models that can be asked to do so think first in this chat; None: as the settings say.

        Raises `NotFound`.
        """
        self._of(chat_id).set_thinking(chat_id, thinking)

    def delete(self, chat_id: int) -> None:
        """Put a chat in the trash; `restore` brings it back. Raises `NotFound`."""
        self._of(chat_id).delete(chat_id)

    def restore(self, chat_id: int) -> None:
        """Take a chat out of the trash. Raises `NotFound`."""
        self._of(chat_id).restore(chat_id)

    def purge(self, chat_id: int) -> None:
        """Erase a chat for good. Raises `NotFound`."""
        self._of(chat_id).purge(chat_id)
        self._runtime.forget_chat(chat_id)

    def erase(self, chat_ids: Sequence[int], cancel: Cancel) -> Operation[int]:
        """Erase several chats for good, those that are still there; how many that were. Yields Changed("chats").

        Raises `DiskFull`, `StoreTooNew`, `Cancelled`; what was erased till then stays erased.
        """
        erased = 0
        for chat_id in chat_ids:
            cancel.check()
            with contextlib.suppress(NotFound):
                self.purge(chat_id)
                erased += 1
        yield Changed(what="chats")
        return erased

    # One chat.

    def messages(self, chat_id: int) -> tuple[Message, ...]:
        """The branch on show, from the first message to the last. Raises `NotFound`."""
        return self._of(chat_id).messages(chat_id)

    def versions(self, message_id: int) -> tuple[Message, ...]:
        """A message and its other versions, the oldest first; `version` - 1 is the place of each."""
        return self._of(message_id).versions(message_id)

    def picture_data(self, picture: Picture) -> bytes:
        """The bytes of a picture of a message. Raises `NotFound`."""
        return picture.data or self._of(picture.id).picture_data(picture.id)

    def show_version(self, message_id: int) -> None:
        """Show the branch that goes through this message. Raises `NotFound`."""
        self._of(message_id).show_version(message_id)

    def send(
        self,
        chat_id: int,
        text: str,
        cancel: Cancel,
        model_id: int | None,
        with_documents: bool = False,
        likeliest: int | None = None,
        pictures: Sequence[Picture] = (),
        *,
        guess_ahead: bool | None = None,
    ) -> Operation[Message]:
        """Say `text` at the end of the branch on show, and keep the answer.

        The message is committed before the model sees it, the answer four times a second while it is written.
        Yields MessageKept for both, SearchedFor, PassagesFound, what `Runtime.generate` yields and Changed("chats");
        `likeliest` above 0 asks for TokenWeighed; where it or `guess_ahead` is None, it is as the settings say. Returns
        the answer as kept. A Stop keeps what was written (state STOPPED); an error keeps it too, with the reason as its
        note, and is then raised.
        `pictures` are shown before the text, which may then be empty.
        Raises `TextNotAccepted`, `NotFound`, `NoModel`, `DiskFull` and what `generate` raises; where the model sees
        no pictures, `ModelCannotSee` before anything is kept.
        """
        text = _spoken("A message", text.strip(), may_be_empty=bool(pictures))
        rows = self._of(chat_id)
        if pictures:
            must_see(self._model(model_id), pictures)
        branch = rows.messages(chat_id)
        question = rows.add_message(chat_id, branch[-1].id if branch else None, Role.USER, text, pictures=pictures)
        if not branch:
            rows.suggest_title(chat_id, title_of(text or described(pictures)))
        yield MessageKept(message=question)
        yield Changed(what="chats")
        asked: dict[str, Any] = {"likeliest": likeliest, "guess_ahead": guess_ahead}
        wishes = {name: wish for name, wish in asked.items() if wish is not None}
        return (yield from self._answered(question, cancel, model_id, with_documents, **wishes))

    def regenerate(self, message_id: int, cancel: Cancel, model_id: int | None) -> Operation[Message]:
        """Answer again: a new version beside the answer `message_id`, or an answer to that question.

        Documents are asked again if they were before. Yields and raises as `send`.
        """
        rows = self._of(message_id)
        message = rows.message(message_id)
        with_documents = _draws_on_documents(message)
        if message.role is not Role.USER:
            if message.parent_id is None:
                raise TextNotAccepted(what="An answer", value="written again", why="it answers no question")
            message = rows.message(message.parent_id)
        return (yield from self._answered(message, cancel, model_id, with_documents))

    def go_on(self, message_id: int, cancel: Cancel, model_id: int | None) -> Operation[Message]:
        """Go on with an answer that was cut or stopped, from its very words: a new version beside it, which grows.

        The passages it was written from are given again. Yields and raises as `send`, and `AnswerNotGoneOnWith` before
        anything is kept where the model cannot be given the beginning of an answer.
        """
        rows = self._of(message_id)
        old, model = rows.message(message_id), self._model(model_id)
        if old.refused:
            raise TextNotAccepted(what="The message", value="gone on with", why="it is withheld")
        if old.role is not Role.ASSISTANT or old.parent_id is None or not (old.text or old.thoughts):
            raise TextNotAccepted(what="The message", value="gone on with", why="only an answer that has begun can be")
        if model.built_in and old.sources:
            raise TextNotAccepted(what="Quotes", value="gone on with", why="they are whole sentences of your documents")
        if not model.facts.may_go_on:
            raise AnswerNotGoneOnWith(model=model.name)
        question = rows.message(old.parent_id)
        return (yield from self._answered(question, cancel, model_id, bool(old.sources), begun=old))

    def edit(self, message_id: int, text: str, cancel: Cancel, model_id: int | None) -> Operation[Message]:
        """Say a message of the person's differently: a new version beside it, with its pictures, and its answer.

        Documents are asked if they were for the old version. Yields and raises as `send`.
        """
        rows = self._of(message_id)
        old = rows.message(message_id)
        text = _spoken("A message", text.strip(), may_be_empty=bool(old.pictures))
        if old.role is not Role.USER:
            raise TextNotAccepted(what="The message", value="edited", why="only your own messages can be")
        with_documents = any(map(_draws_on_documents, rows.children(message_id)))
        pictures = [replace(picture, data=self.picture_data(picture)) for picture in old.pictures]
        question = rows.add_message(old.chat_id, old.parent_id, Role.USER, text, pictures=pictures)
        if old.parent_id is None:
            rows.suggest_title(old.chat_id, title_of(text or described(pictures)))
        yield MessageKept(message=question)
        yield Changed(what="chats")
        return (yield from self._answered(question, cancel, model_id, with_documents))

    # A question to the documents, outside any chat.

    def ask(
        self,
        question: str,
        cancel: Cancel,
        model_id: int | None,
        wait: bool = False,
        form: Form = FREE,
        verbatim: bool = False,
        reach: Reach = Reach.PASSAGES,
        among: Collection[int] | None = None,
    ) -> Operation[Answer]:
        """Answer from the documents: written with [n] citations, or, where it is to be `verbatim`, in quotes.

        `in:` and the like limit the question to some of them; see `engine.documents.query`.
        Without `model_id` it is quotes in any case: those that fit best; with the guide as well.
        `wait` searches by meaning even where the embedder must be started first. Where no passage matches, the answer
        is empty, and so are its sources. Yields HitsFound, PassagesFound, QuoteFound and what `Runtime.generate`
        yields; raises what that raises, `TextNotAccepted`, `NotFound`, and `GuideOnlyQuotes` where the guide would have
        to write: in a form, or from ALL.

        With another `reach` than the best passages, conditions in the question (`file:` …) say which documents it is
        about, unless their numbers are given (`among`). The whole of one DOCUMENT is given where it fits
        (DocumentMeasured), else its best passages. ALL are read by the model in passes, in which it takes notes, and
        answers from these: Progressed in files, NotesTaken, Progressed in notes. A Stop returns what was noted.
        """
        question = _spoken("A question", question.strip())
        model = None if model_id is None and reach is not Reach.ALL else self._model(model_id)
        how = How(wait, form, verbatim, reach, among)
        answer = yield from self._asking.ask(question, model, self._settings(), cancel, how)
        return replace(answer, question=question)

    def why(self, answer: Answer, cancel: Cancel, model_id: int | None) -> Operation[Why]:
        """What an answer of `ask` leans on, measured with the model that wrote it.

        The model reads the answer once for each passage, and twice more. Yields Progressed(unit="readings"),
        ModelLoading and PromptRead. Raises as `Runtime.score`, `NoModel`, `NotFound`, and `TextNotAccepted` for an
        answer that no model wrote from passages.
        """
        asked = replace(answer, question=self._documents.asked(answer.question).words)  # as it was told to the model
        return (yield from why(self._runtime, asked, self._model(model_id), self._settings(), cancel))

    def check(self, message: Message, cancel: Cancel) -> Operation[tuple[Checked, ...]]:
        """How far the passages of an answer in a chat, shown or withheld, support each sentence. Yields Progressed."""
        return (yield from self._asking.check(message.text or message.withheld, message.sources, cancel))

    def reading_cost(
        self, question: str, cancel: Cancel, model_id: int | None, among: Collection[int] | None = None
    ) -> Operation[ReadingCost]:
        """About what it takes to `ask` this of ALL documents. Raises `TextNotAccepted`, `NotFound`, `NoModel`."""
        yield from ()
        cancel.check()
        model = self._model(model_id)
        return self._asking.cost(question, among, model, self._settings(), self._rows.last_speed(model.name))

    def looks_wide(self, question: str) -> bool:
        """Whether a question looks as if it were to all documents: "list all …", "summarise everything on …"."""
        return looks_wide(question)

    # Its own affairs.

    def _answered(
        self,
        question: Message,
        cancel: Cancel,
        model_id: int | None,
        with_documents: bool,
        begun: Message | None = None,
        **wishes: Any,
    ) -> Operation[Message]:
        model, rows = self._model(model_id), self._of(question.chat_id)
        work = self._replying.reply(
            rows, question, model, self._settings(), cancel, with_documents, begun, **wishes
        )  # fmt: skip
        return (yield from work)

    def _of(self, id_: int) -> Rows:
        """The rows that a chat or a message is in: those in memory have ids below zero."""
        return self._temporary if id_ < 0 else self._rows

    def _model(self, model_id: int | None) -> Model:
        if model_id is None:
            raise NoModel
        return self._models.get(model_id)


def _draws_on_documents(answer: Message) -> bool:
    return bool(answer.sources or answer.refused)


def _spoken(what: str, text: str, *, may_be_empty: bool = False) -> str:
    """The text, unless it says nothing or cannot be kept."""
    if not (text or may_be_empty):
        raise TextNotAccepted(what=what, value="empty", why="there is nothing in it")
    return text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be kept
