"""A question to the documents, outside any chat: passages are found, and a model writes from them or quotes them."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from engine.chat import quoting
from engine.chat.answer import FAITHFUL, answer, cited, wanted_from
from engine.chat.thought import Thought
from engine.documents import Documents
from engine.documents.query import Asked
from engine.errors import NotFound
from engine.events import PassagesFound, ThoughtAdded
from engine.forms import Form
from engine.forms.asking import told
from engine.operation import Cancel, Operation, Result
from engine.runtime import Runtime
from engine.settings import Settings
from engine.types import Answer, Message, Model, Role, Source, Wanted


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
        wanted = wanted_from(settings, model)
        wanted = replace(wanted, temperature=min(wanted.temperature, FAITHFUL))
        if verbatim:
            return (yield from self._quoted(asked.words, model, settings, sources, wanted, cancel))
        return (yield from self._written(asked.words, model, settings, sources, replace(wanted, form=form), cancel))

    def _written(
        self, question: str, model: Model, settings: Settings, sources: Sequence[Source], wanted: Wanted, cancel: Cancel
    ) -> Operation[Answer]:
        instructions = told(settings.system_prompt, wanted.form)
        thought = Thought()
        work = answer(self._runtime, model, instructions, [_asked(question)], sources, wanted, cancel)
        written, prompt = yield from _thought_apart(work, thought)
        text, _ = cited(written, prompt, model, wanted)
        return Answer(
            question=question, text=text, sources=prompt.sources, model=model.name, state=written.state,
            speed=written.speed, judged=written.judged, thoughts=written.thoughts, thinking_s=thought.seconds,
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
