"""A question to the documents, outside any chat: passages are found, and a model writes from them or quotes them.

What it wrote is checked against them. Where only what they support is to be answered, nothing is shown before.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from engine.chat import checking, quoting
from engine.chat.answer import FAITHFUL, answer, cited, wanted_from
from engine.chat.thought import Thought
from engine.documents import Documents
from engine.documents.query import Asked
from engine.errors import Cancelled, EngineError, NotFound
from engine.events import PassagesFound, Progressed, TextAdded, TextHeld, ThoughtAdded
from engine.forms import FREE, Form
from engine.forms.asking import told
from engine.operation import Cancel, Operation, Result
from engine.runtime import Runtime
from engine.settings import Settings
from engine.types import Answer, Checked, Message, Model, Refusal, Role, Source, Wanted


class Asking:
    """Has models answer from one store's documents."""

    def __init__(self, runtime: Runtime, documents: Documents) -> None:
        self._runtime, self._documents = runtime, documents

    def passages(
        self, question: str | Asked, cancel: Cancel, settings: Settings, wait: bool = False
    ) -> Operation[tuple[Source, ...]]:
        """What an answer is made from. Yields HitsFound and PassagesFound."""
        sources = yield from self._documents.sources(question, cancel, settings.passages, wait)
        yield PassagesFound(sources=sources)
        return sources

    def ask(
        self, question: str, model: Model, settings: Settings, cancel: Cancel, wait: bool, form: Form, verbatim: bool
    ) -> Operation[Answer]:
        """See `Chats.ask`; with a model."""
        asked = self._documents.asked(question)
        sources = yield from self.passages(asked, cancel, settings, wait)
        if not sources:
            return Answer(question=asked.words, model=model.name, verbatim=verbatim)
        if settings.only_supported and not (yield from self._documents.answered(asked.words, sources, cancel)):
            return Answer(
                question=asked.words, model=model.name, verbatim=verbatim, sources=sources, refused=Refusal.WEAK,
            )  # fmt: skip
        wanted = wanted_from(settings, model)
        wanted = replace(wanted, temperature=min(wanted.temperature, FAITHFUL))
        if verbatim:
            return (yield from self._quoted(asked.words, model, settings, sources, wanted, cancel))
        return (yield from self._written(asked.words, model, settings, sources, replace(wanted, form=form), cancel))

    def check(self, text: str, sources: Sequence[Source], cancel: Cancel) -> Operation[tuple[Checked, ...]]:
        """How far `sources` support each sentence of an answer. Yields Progressed.

        By words alone where the embedder fails or Stop is pressed: what was written is worth its marks.
        """
        yield Progressed(done=0, total=len(sources), unit="passages")
        try:
            return checking.checked(text, sources, self._documents.nearness(text, cancel))
        except (EngineError, Cancelled):
            return checking.checked(text, sources)

    def _written(
        self, question: str, model: Model, settings: Settings, sources: Sequence[Source], wanted: Wanted, cancel: Cancel
    ) -> Operation[Answer]:
        instructions = told(settings.system_prompt, wanted.form)
        thought = Thought()
        free = wanted.form == FREE  # JSON has no sentences
        work = answer(self._runtime, model, instructions, [_asked(question)], sources, wanted, cancel)
        if settings.only_supported and free:
            work = _held_back(work)
        written, prompt = yield from _thought_apart(work, thought)
        text, _ = cited(written, prompt, model, wanted)
        checked = (yield from self.check(text, prompt.sources, cancel)) if free else ()
        refused = settings.only_supported and free and not checking.supported(checked)
        return Answer(
            question=question, text="" if refused else text, sources=prompt.sources, model=model.name,
            state=written.state, speed=written.speed, judged=written.judged, checked=checked,
            refused=Refusal.UNSUPPORTED if refused else None, withheld=text if refused else "",
            thoughts=written.thoughts, thinking_s=thought.seconds,
        )  # fmt: skip

    def _quoted(
        self, question: str, model: Model, settings: Settings, sources: Sequence[Source], wanted: Wanted, cancel: Cancel
    ) -> Operation[Answer]:
        thought = Thought()
        work = answer(
            self._runtime, model, settings.system_prompt, [_asked(question)], sources, wanted, cancel,
            task=quoting.TASK,
        )  # fmt: skip
        chosen = quoting.heard(work, sources, self._stored)
        written, prompt, found = yield from _thought_apart(chosen, thought)
        return Answer(
            question=question, verbatim=True, quotes=found.quotes, changed=found.changed, sources=prompt.sources,
            model=model.name, state=written.state, speed=written.speed, thoughts=written.thoughts,
            thinking_s=thought.seconds,
        )  # fmt: skip

    def _stored(self, spot: Source) -> str:
        """What stands at that place in the store now."""
        try:
            return self._documents.page(spot.document_id, spot.page).text[spot.start : spot.end]
        except NotFound:
            return ""


def _asked(question: str) -> Message:
    return Message(id=0, chat_id=0, parent_id=None, role=Role.USER, text=question)


def _held_back(work: Operation[Result]) -> Operation[Result]:
    """Do the work; of its text it is only told that there is more."""
    with contextlib.closing(work):
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                result: Result = end.value
                return result
            yield TextHeld(tokens=event.tokens) if isinstance(event, TextAdded) else event


def _thought_apart(work: Operation[Result], thought: Thought) -> Operation[Result]:
    """Do the work; what is thought meanwhile grows in `thought`."""
    with contextlib.closing(work):
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                result: Result = end.value
                return result
            if isinstance(event, ThoughtAdded):
                thought.add(event.text)
            yield event
