"""One comparison: the same prompt, passages and seed for each model, one column a model.

In the place of the guide's answer from passages stand their best sentences.
"""

import queue
import random
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from engine.chat import guide
from engine.chat.answer import answer, cited, prompt_tokens, wanted_from
from engine.chat.prompt import compose
from engine.chat.thought import Thought
from engine.documents import Documents
from engine.errors import Cancelled, EngineError, TextNotAccepted
from engine.events import Event, PassagesFound, TextAdded, ThoughtAdded, TrialEnded, TrialMoved
from engine.models import Models
from engine.operation import Cancel, Operation, heard
from engine.runtime import Runtime
from engine.settings import Settings
from engine.types import Comparison, Message, MessageState, Model, Role, Source, Speed, Trial, Wanted

SEEDS = 2**31 - 1
UNANSWERED = "Nothing in your documents answers this question."


@dataclass
class _Column:
    """One model's answer as it grows."""

    number: int
    model: Model
    pieces: list[str] = field(default_factory=list)
    thought: Thought = field(default_factory=Thought)
    state: MessageState = MessageState.STOPPED
    speed: Speed | None = None
    note: str = ""
    error: EngineError | None = None
    text: str | None = None  # the final text, once it is there

    def trial(self) -> Trial:
        """What came of it so far."""
        text = "".join(self.pieces) if self.text is None else self.text
        return Trial(
            model_id=self.model.id, model=self.model.name, text=text, state=self.state, speed=self.speed,
            note=self.note, thoughts=self.thought.text.rstrip(), thinking_s=self.thought.seconds,
            adapters=tuple((adapter.name, adapter.strength) for adapter in self.model.adapters if adapter.strength),
        )  # fmt: skip


class _Task(NamedTuple):
    """What every column is given."""

    question: Message
    sources: tuple[Source, ...]
    settings: Settings
    seed: int

    def wanted(self, model: Model) -> Wanted:
        """How `model` is to write: as it would in a chat, but for the one seed of all."""
        return replace(wanted_from(self.settings, model), seed=self.seed)


class _Ended(NamedTuple):
    """A column's thread is done; `mistake` is what it could not put into the column."""

    mistake: BaseException | None


class Comparisons:
    """Runs comparisons."""

    def __init__(
        self, runtime: Runtime, models: Models, documents: Documents, settings: Callable[[], Settings]
    ) -> None:
        self._runtime = runtime
        self._models = models
        self._documents = documents
        self._settings = settings

    def run(
        self,
        prompt: str,
        model_ids: Sequence[int],
        cancel: Cancel,
        with_documents: bool = False,
        at_once: bool = False,
        without_adapters: Collection[int] = (),
    ) -> Operation[Comparison]:
        """Have each model answer `prompt`: one after the other, or all `at_once`.

        In the columns `without_adapters`, counted from 0, the model answers as if none were attached to it.

        Figures are fair only one after the other: at once the models share the processor. Yields
        PassagesFound, TrialMoved with what `Runtime.generate` yields, and TrialEnded for each
        column. A model that fails ends its column with a note and the others go on; a Stop ends
        all and keeps what was written. Raises `TextNotAccepted`, `NotFound`.
        """
        prompt = prompt.strip()
        if not prompt:
            raise TextNotAccepted(what="A prompt", value="empty", why="there is nothing in it")
        if not model_ids:
            raise TextNotAccepted(what="A comparison", value="made", why="no model was chosen")
        columns = [_Column(number, self._models.get(model_id)) for number, model_id in enumerate(model_ids)]
        for column in columns:
            if column.number in without_adapters:  # off, not taken off: so one process serves both kinds of column
                off = tuple(replace(adapter, strength=0.0) for adapter in column.model.adapters)
                column.model = replace(column.model, adapters=off)
        settings = self._settings()
        sources: tuple[Source, ...] = ()
        if with_documents:
            sources = yield from self._documents.sources(prompt, cancel, settings.passages)
        seed = settings.seed if settings.seed >= 0 else random.SystemRandom().randrange(SEEDS)
        question = Message(id=0, chat_id=0, parent_id=None, role=Role.USER, text=prompt)
        reading = [column.model for column in columns if not column.model.built_in]
        if reading:
            room = min(prompt_tokens(model, wanted_from(settings, model)) for model in reading)
            sources = compose(settings.system_prompt, [question], sources, room).sources  # the same for every model
        if with_documents:
            yield PassagesFound(sources=sources)
        task = _Task(question, sources, settings, seed)
        if at_once:
            yield from self._all_at_once(columns, task, cancel)
        else:
            for column in columns:
                yield from self._answered(column, task, cancel)
        return Comparison(prompt=prompt, trials=tuple(column.trial() for column in columns), sources=sources)

    def _answered(self, column: _Column, task: _Task, cancel: Cancel) -> Operation[None]:
        """One column from its start to its end, whatever the end is."""
        work = self._quoted if task.sources and column.model.built_in else self._written
        try:
            yield from work(column, task, cancel)
        except Cancelled:
            column.state = MessageState.STOPPED
        except EngineError as error:
            column.state = MessageState.INTERRUPTED if column.pieces else MessageState.FAILED
            column.note, column.error = str(error), error
        yield TrialEnded(column=column.number, speed=column.speed, note=column.note, error=column.error)

    def _written(self, column: _Column, task: _Task, cancel: Cancel) -> Operation[None]:
        """What a model writes. One whose words cost more tokens than reckoned is given fewer passages, as noted."""
        wanted = task.wanted(column.model)

        def moved(event: Event) -> Event:
            if isinstance(event, TextAdded):
                column.pieces.append(event.text)
            elif isinstance(event, ThoughtAdded):
                column.thought.add(event.text)
            return TrialMoved(column=column.number, event=event)

        work = answer(
            self._runtime, column.model, task.settings.system_prompt, [task.question], task.sources, wanted, cancel
        )
        written, prompt = yield from heard(work, moved)
        column.text, column.note = cited(written, prompt, column.model, wanted)
        column.state, column.speed = written.state, written.speed

    def _quoted(self, column: _Column, task: _Task, cancel: Cancel) -> Operation[None]:
        """What the passages say themselves, in the place of the guide, which is not asked."""
        work = guide.quoted(self._documents, task.question.text, task.sources, cancel)
        text = yield from heard(work, lambda event: TrialMoved(column=column.number, event=event))
        column.text, column.note, column.state = text, guide.RANKED if text else UNANSWERED, MessageState.COMPLETE
        if text:
            yield TrialMoved(column=column.number, event=TextAdded(text=text))

    def _all_at_once(self, columns: Sequence[_Column], task: _Task, cancel: Cancel) -> Operation[None]:
        """Every column on a thread of its own; their events leave here one by one."""
        events: queue.SimpleQueue[Event | _Ended] = queue.SimpleQueue()
        stop = Cancel()

        def work(column: _Column) -> None:
            mistake: BaseException | None = None
            try:
                for event in self._answered(column, task, stop):
                    events.put(event)
            except BaseException as error:  # noqa: BLE001 - raised again where the events are read
                mistake = error
            events.put(_Ended(mistake))

        threads = [
            threading.Thread(target=work, args=(column,), name=f"column {column.number + 1}", daemon=True)
            for column in columns
        ]
        running = len(threads)
        try:
            with cancel.calling(stop.press):
                for thread in threads:
                    thread.start()
                while running:
                    item = events.get()
                    if not isinstance(item, _Ended):
                        yield item
                        continue
                    running -= 1
                    if item.mistake is not None:
                        raise item.mistake
        finally:
            stop.press()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
