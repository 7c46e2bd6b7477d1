"""A question to the documents, outside any chat: passages are found, and a model writes from them or quotes them.

What it wrote is checked against them. Where only what they support is to be answered, nothing is shown before.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.chat import checking, follow_up, guide, quoting
from engine.chat.answer import FAITHFUL, answer, cited, wanted_from
from engine.chat.prompt import WRITE
from engine.chat.read_all import ReadAll
from engine.chat.reading_cost import reading_cost
from engine.chat.scope import about
from engine.chat.thought import Thought
from engine.chat.whole import fitting
from engine.documents import Documents
from engine.documents.entailment import Relate, Relation
from engine.documents.query import Asked
from engine.errors import Cancelled, EngineError, TextNotAccepted
from engine.events import (
    CheckerFailed,
    DocumentMeasured,
    Event,
    NotesTaken,
    PassagesFound,
    Progressed,
    SearchedFor,
    TextAdded,
    TextHeld,
)
from engine.forms import FREE, Form
from engine.forms.asking import told
from engine.operation import Cancel, Operation, Result, heard
from engine.runtime import Runtime
from engine.settings import Settings
from engine.types import (
    Answer,
    Checked,
    Document,
    Fitting,
    Message,
    Model,
    Reach,
    ReadingCost,
    Refusal,
    Role,
    Source,
    Speed,
    Wanted,
)

MEASURED_TOKENS = 200  # read at least, for a speed to tell anything


class How(NamedTuple):
    """What is wished of an answer; see `Chats.ask`."""

    wait: bool = False
    form: Form = FREE
    verbatim: bool = False
    reach: Reach = Reach.PASSAGES
    among: Collection[int] | None = None


class _CheckerError(Exception):
    """The model that judges texts by others failed, not the embedder."""

    def __init__(self, error: EngineError) -> None:
        super().__init__(str(error))
        self.error = error


class Asking:
    """Has models answer from one store's documents."""

    def __init__(self, runtime: Runtime, documents: Documents) -> None:
        self._runtime, self._documents = runtime, documents
        self._speeds: dict[int, Speed] = {}  # of each model's last answer from much text

    def passages(
        self, question: str | Asked, cancel: Cancel, settings: Settings, wait: bool = False
    ) -> Operation[tuple[Source, ...]]:
        """What an answer is made from. Yields HitsFound and PassagesFound."""
        sources = yield from self._documents.sources(question, cancel, settings.passages, wait)
        yield PassagesFound(sources=sources)
        return sources

    def for_chat(
        self, messages: Sequence[Message], model: Model, settings: Settings, cancel: Cancel
    ) -> Operation[tuple[str, tuple[Source, ...]]]:
        """What the last of `messages` was searched for with, "" where it is its own text, and the passages found.

        Yields SearchedFor, and as `passages`.
        """
        question, wanted = messages[-1].text, wanted_from(settings, model)
        text = yield from follow_up.searched_for(
            self._runtime, model, messages, wanted, cancel, self._documents.rare_words
        )
        if text != question:
            yield SearchedFor(text=text)
        sources = yield from self.passages(text, cancel, settings)
        return "" if text == question else text, sources

    def refusal(self, question: str, sources: Sequence[Source], cancel: Cancel) -> Operation[Refusal | None]:
        """Why no model is asked, where only what `sources` support is to be answered. Yields Progressed."""
        if not sources:
            return Refusal.NOTHING
        answers = yield from self._documents.answered(question, sources, cancel)
        return None if answers else Refusal.WEAK

    def ask(
        self, question: str, model: Model | None, settings: Settings, cancel: Cancel, how: How
    ) -> Operation[Answer]:
        """See `Chats.ask`; without a model, and with the guide, it is the quotes that fit best."""
        if model is not None and (how.reach is Reach.ALL or how.form != FREE):
            guide.must_write(model)
        asked, document = self._documents.asked(question), None
        if how.reach is not Reach.PASSAGES:
            documents = about(self._documents, asked, how.reach, how.among)
            if how.reach is Reach.ALL and model is not None:
                return (yield from self._read_all(asked.words, documents, model, settings, cancel, how))
            document = documents[0]
            asked = asked.only([document.id])
        if model is None or model.built_in:
            return (yield from self._documents.quotes(asked, cancel, wait=how.wait))
        wanted = wanted_from(settings, model)
        wanted = replace(wanted, temperature=min(wanted.temperature, FAITHFUL))
        if not how.verbatim:
            wanted = replace(wanted, form=how.form)
        sources, room = yield from self._given(asked, model, settings, wanted, cancel, how, document)
        if not sources:
            return Answer(question=asked.words, model=model.name, verbatim=how.verbatim, fitting=room)
        if settings.only_supported and (refused := (yield from self.refusal(asked.words, sources, cancel))):
            return Answer(
                question=asked.words, model=model.name, verbatim=how.verbatim, sources=sources, fitting=room,
                refused=refused,
            )  # fmt: skip
        work = self._quoted if how.verbatim else self._written
        answered = yield from work(asked.words, model, settings, sources, wanted, cancel)
        self._heard(model, answered.speed)
        return replace(answered, fitting=room)

    def cost(
        self, question: str, among: Collection[int] | None, model: Model, settings: Settings, speed: Speed | None
    ) -> ReadingCost:
        """See `Chats.reading_cost`; `speed` is used where none was measured here."""
        guide.must_write(model)
        documents = about(self._documents, self._documents.asked(question), Reach.ALL, among)
        speed = self._speeds.get(model.id, speed)
        return reading_cost(self._documents, documents, model, wanted_from(settings, model), speed)

    # Its own affairs.

    def _read_all(
        self, question: str, documents: Sequence[Document], model: Model, settings: Settings, cancel: Cancel, how: How
    ) -> Operation[Answer]:
        if how.verbatim:
            raise TextNotAccepted(
                what="All documents", value="read for quotes", why="what is read in passes is answered from notes"
            )
        reading = ReadAll(self._runtime, model, settings, cancel)
        work = reading.answer(question, documents, self._documents.whole, how.form)
        answered = yield from (held_back(work) if settings.only_supported and how.form == FREE else work)
        self._heard(model, reading.speed)
        return (yield from self._judged(answered, settings, how.form, cancel))

    def _given(
        self, asked: Asked, model: Model, settings: Settings, wanted: Wanted, cancel: Cancel, how: How,
        document: Document | None,
    ) -> Operation[tuple[tuple[Source, ...], Fitting | None]]:  # fmt: skip
        """All of `document`, where it fits, else the best passages: of it, or of all where it is None."""
        if document is None:
            return (yield from self.passages(asked, cancel, settings, how.wait)), None
        sources, task = self._documents.whole(document.id), quoting.TASK if how.verbatim else WRITE
        told_to = told(settings.system_prompt, wanted.form)
        room = yield from fitting(self._runtime, model, told_to, _asked(asked.words), sources, wanted, cancel, task)
        yield DocumentMeasured(fitting=room)
        if not room.fits:
            return (yield from self.passages(asked, cancel, settings, how.wait)), room
        yield PassagesFound(sources=sources)
        return sources, room

    def check(self, text: str, sources: Sequence[Source], cancel: Cancel) -> Operation[tuple[Checked, ...]]:
        """How far `sources` support each sentence of an answer. Yields Progressed, CheckerFailed.

        By words alone where the embedder fails or Stop is pressed: what was written is worth its marks. Where only the
        model fails that judges texts by others, meaning is compared as it is without it.
        """
        yield Progressed(done=0, total=len(sources), unit="passages")
        try:
            near, relate = self._documents.closeness(text, cancel), self._documents.relate(cancel)
            if relate is None or cancel.pressed:
                return checking.checked(text, sources, near)
            try:
                return checking.checked(text, sources, near, _telling(relate))
            except _CheckerError as failed:
                yield CheckerFailed(error=failed.error)
                return checking.checked(text, sources, near)
        except (EngineError, Cancelled):
            return checking.checked(text, sources)

    def _written(
        self, question: str, model: Model, settings: Settings, sources: Sequence[Source], wanted: Wanted, cancel: Cancel
    ) -> Operation[Answer]:
        instructions = told(settings.system_prompt, wanted.form)
        thought = Thought()
        work = answer(self._runtime, model, instructions, [_asked(question)], sources, wanted, cancel)
        if settings.only_supported and wanted.form == FREE:
            work = held_back(work)
        written, prompt = yield from thought.of(work)
        text, note = cited(written, prompt, model, wanted)
        answered = Answer(
            question=question, text=text, sources=prompt.sources, model=model.name, state=written.state,
            speed=written.speed, judged=written.judged, thoughts=written.thoughts, thinking_s=thought.seconds,
            note=note,
        )  # fmt: skip
        return (yield from self._judged(answered, settings, wanted.form, cancel))

    def _judged(self, answered: Answer, settings: Settings, form: Form, cancel: Cancel) -> Operation[Answer]:
        """With its sentences checked, and withheld where none is supported and only such are wanted."""
        if form != FREE or not answered.text:  # JSON has no sentences
            return answered
        checked = yield from self.check(answered.text, answered.sources, cancel)
        refused = checking.refusal(checked) if settings.only_supported else None
        if refused is None:
            return replace(answered, checked=checked)
        return replace(answered, checked=checked, text="", withheld=answered.text, refused=refused)

    def _quoted(
        self, question: str, model: Model, settings: Settings, sources: Sequence[Source], wanted: Wanted, cancel: Cancel
    ) -> Operation[Answer]:
        thought = Thought()
        work = answer(
            self._runtime, model, settings.system_prompt, [_asked(question)], sources, wanted, cancel,
            task=quoting.TASK,
        )  # fmt: skip
        chosen = quoting.heard(work, sources, self._documents.stored)
        written, prompt, found = yield from thought.of(chosen)
        return Answer(
            question=question, verbatim=True, quotes=found.quotes, changed=found.changed, sources=prompt.sources,
            model=model.name, state=written.state, speed=written.speed, thoughts=written.thoughts,
            thinking_s=thought.seconds,
        )  # fmt: skip

    def _heard(self, model: Model, speed: Speed | None) -> None:
        if speed is not None and speed.prompt_tokens - speed.reused_tokens >= MEASURED_TOKENS:
            self._speeds[model.id] = speed


def _asked(question: str) -> Message:
    return Message(id=0, chat_id=0, parent_id=None, role=Role.USER, text=question)


def _telling(relate: Relate) -> Relate:
    """The same, with its errors told from those of the embedder."""

    def related(pairs: Sequence[tuple[str, str]]) -> Sequence[Relation]:
        try:
            return relate(pairs)
        except EngineError as error:
            raise _CheckerError(error) from error

    return related


def held_back(work: Operation[Result]) -> Operation[Result]:
    """Do the work; of its text and notes it is only told that there is more."""

    def hear(event: Event) -> Event | None:
        if isinstance(event, TextAdded):
            return TextHeld(tokens=event.tokens)
        return None if isinstance(event, NotesTaken) else event

    return heard(work, hear)
