"""One answer from one model: a prompt that fits, and text that is kept while it is written."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import replace

from engine.chat import checking, citations, guide
from engine.chat.prompt import WRITE, Prompt, Task, compose, context_tokens, last_context, pieces, shrunk
from engine.chat.summary import summarised
from engine.chat.temporary import TemporaryRows
from engine.chat.thought import Thought
from engine.context import Context, Entry, Part, WhenFull
from engine.errors import DiskFull, PromptTooLong
from engine.events import Event, TextAdded, ThoughtAdded
from engine.forms import FREE, FormKind, Judged
from engine.loading import fields_of, loaded_as
from engine.operation import Cancel, Operation, heard
from engine.runtime import Runtime
from engine.sampling import stops_in, styled, weights_in
from engine.settings import Settings
from engine.store.chats import ChatRows
from engine.types import (
    Chat,
    Checked,
    Message,
    MessageState,
    Model,
    Refusal,
    Role,
    Source,
    Speed,
    Turn,
    Wanted,
    Written,
)

OTHER_TEMPLATE = "The model's own chat template was not used because {why}; {template} was used instead."
TEMPLATES = {"chatml": "ChatML", "plain": "a plain form"}  # the fallbacks, as they are named on screen
Rows = ChatRows | TemporaryRows

FAITHFUL = 0.3  # the highest temperature for an answer from passages: more invents more
KEEP_EVERY_S = 0.25  # at most this much of an answer is lost with the program


def wanted_from(settings: Settings, model: Model) -> Wanted:
    """How this model's answers are to be written, as the person has set it; the guide's by the likeliest words."""
    figures, answer_tokens = styled(settings.style, settings, model.facts.sampling or {}), settings.answer_tokens
    if model.built_in:
        figures, answer_tokens = {"temperature": 0.0}, guide.MOST_TOKENS
    return Wanted(
        answer_tokens=answer_tokens, threads=settings.threads, thinking=settings.thinking,
        guess_ahead=settings.guess_ahead,
        stop=stops_in(settings.stop_texts), weights=weights_in(settings.word_weights),
        **figures,
        **fields_of(loaded_as(settings, model.loading)),
    )  # fmt: skip


def prompt_tokens(model: Model, wanted: Wanted) -> int:
    """How many tokens a prompt may have: the context less the answer, of which a quarter is enough."""
    most = context_tokens(model, wanted)
    return most - min(wanted.answer_tokens, most // 4)


def answer(
    runtime: Runtime,
    model: Model,
    system_prompt: str,
    messages: Sequence[Message],
    sources: Sequence[Source],
    wanted: Wanted,
    cancel: Cancel,
    when_full: WhenFull = WhenFull.OLDEST,
    chat_id: int = 0,
    task: Task = WRITE,
) -> Operation[tuple[Written, Prompt]]:
    """Have `model` answer the last of `messages` from `sources`; `when_full` says what is done about what does not fit.

    `task` is what it is to do with the sources. What it reads may be kept with the chat `chat_id`, where that is
    above 0. Yields and raises as `Runtime.generate`, and SummaryBegun; `PromptTooLong` only when the question alone is,
    `ContextFull` where nothing may be left out. The guide is given the question alone, and no sources: see `guide`.
    """
    if model.built_in:
        system_prompt, messages, when_full = "", guide.alone(messages), WhenFull.OLDEST
    begun = Turn(role=Role.ASSISTANT, text=f"{wanted.begun_thoughts}\n{wanted.begun}".strip())
    told = [*pieces(system_prompt, messages, sources, task), *([begun] if begun.text else [])]
    costs = yield from runtime.measure(model, told, wanted, cancel)
    begun_tokens = costs.text(begun) if begun.text else 0
    tokens = prompt_tokens(model, wanted) - begun_tokens
    while True:
        prompt = compose(system_prompt, messages, sources, tokens, costs, when_full, task)
        if when_full is WhenFull.SUMMARY and prompt.gone:
            before = last_context(messages)
            prompt = yield from summarised(runtime, model, prompt, before, tokens, costs, wanted, cancel)
        try:
            how = replace(wanted, form=task.form(prompt.sources)) if task.form else wanted
            if model.built_in:
                how = guide.asked_for(how)
            work = runtime.generate(model, prompt.turns, how, cancel, chat_id)
            if model.built_in:
                work = guide.weighed_up(work, weighed=wanted.likeliest > 0)
            written = yield from work
        except PromptTooLong as error:
            if prompt.smallest:
                raise
            tokens = shrunk(tokens, prompt, error.tokens)
            continue
        if begun_tokens:
            prompt = replace(prompt, entries=(*prompt.entries, Entry(part=Part.BEGUN, tokens=begun_tokens)))
        return written, prompt


def entered(written: Written, prompt: Prompt, model: Model, wanted: Wanted, searched_for: str = "") -> Context:
    """What the model was given: the parts as counted one by one, and what the template made of the rest.

    `searched_for` is what passages were looked for with, where it was not the question.
    """
    read = written.speed.prompt_tokens or prompt.tokens  # a process that was ended has not said
    rest = max(0, read - sum(entry.tokens for entry in prompt.entries))
    return Context(
        context_tokens=context_tokens(model, wanted), prompt_tokens=read, when_full=prompt.when_full,
        entries=(*prompt.entries, Entry(part=Part.TEMPLATE, tokens=rest)), left_out=prompt.left_out,
        cut_from=prompt.cut_from, cut_to=prompt.cut_to, summary=prompt.summary, searched_for=searched_for,
    )  # fmt: skip


def cited(written: Written, prompt: Prompt, model: Model, wanted: Wanted) -> tuple[str, str]:
    """The answer, from where it was begun, with its citations checked against the passages given, and a note."""
    notes = [prompt.note, written.note]
    if model.facts.template and written.template != "model":
        template, why = TEMPLATES.get(written.template, written.template), written.template_why
        notes.append(OTHER_TEMPLATE.format(template=template, why=why or "it does not work"))
    text = wanted.begun + written.text
    if prompt.sources and wanted.form == FREE:  # [1] is a list in JSON
        text, removed = citations.checked(text, {source.number for source in prompt.sources})
        notes.append(citations.note(removed))
    return text, " ".join(filter(None, notes))


def wanted_in(chat: Chat, settings: Settings, model: Model, sources: Sequence[Source], begun: Message | None) -> Wanted:
    """How an answer in a chat is to be written, from `sources` and from what was `begun` on."""
    other = begun is not None and begun.form is not chat.form.kind  # what has begun goes on as it was
    form = FREE if other or model.built_in else chat.form
    wanted = replace(wanted_from(settings, model), form=form, likeliest=settings.likeliest)
    if chat.thinking is not None:
        wanted = replace(wanted, thinking=chat.thinking)
    if sources:
        wanted = replace(wanted, temperature=min(wanted.temperature, FAITHFUL))
    if begun:
        wanted = replace(wanted, begun=begun.text, begun_thoughts=begun.thoughts)
    return wanted


class Draft:
    """An answer that is being written, kept in the store as it grows.

    One that is `held` is to be checked before it is shown: until then it is kept as withheld.
    """

    def __init__(self, rows: Rows, message: Message, held: bool) -> None:
        self._rows = rows
        self.message = message
        self.held = held
        self._text = message.withheld if held else message.text
        self._thought = Thought(message.thoughts, message.thinking_s)
        self._kept_at = 0.0

    @classmethod
    def begun(
        cls, rows: Rows, question: Message, model: Model, sources: Sequence[Source], before: Message | None,
        held: bool = False,
    ) -> "Draft":  # fmt: skip
        """A new answer to `question`; with `before` it begins with the words and thoughts of that one."""
        words = before.text if before else ""
        message = rows.add_message(
            question.chat_id, question.id, Role.ASSISTANT, "" if held else words, state=MessageState.WRITING,
            model=model.name, sources=sources, withheld=words if held else "",
            refused=Refusal.UNCHECKED if held else None,
        )  # fmt: skip
        if before:
            message = replace(message, thoughts=before.thoughts, thinking_s=before.thinking_s)
        return cls(rows, message, held)

    def follow(self, work: Operation[tuple[Written, Prompt]]) -> Operation[tuple[Written, Prompt]]:
        """Do the work, keeping its text at least every `KEEP_EVERY_S`."""

        def hear(event: Event) -> Event:
            if isinstance(event, TextAdded):
                self._text += event.text
                self._keep()
            elif isinstance(event, ThoughtAdded):
                self._thought.add(event.text)
                self._keep()
            return event

        return heard(work, hear)

    def finish(
        self,
        state: MessageState,
        *,
        text: str | None = None,
        speed: Speed | None = None,
        sources: Sequence[Source] | None = None,
        note: str = "",
        context: Context | None = None,
        form: FormKind = FormKind.TEXT,
        judged: Judged = Judged(),  # noqa: B008 - a frozen value
        checked: Sequence[Checked] | None = None,
    ) -> Message:
        """Keep how it ended; one that is held is withheld where no sentence of it is supported.

        Without `checked`, words alone decide that. Raises `DiskFull`.
        """
        given = self.message.sources if sources is None else sources
        text, refused = self._text if text is None else text, None
        if self.held and text:
            refused = checking.refusal(checking.checked(text, given) if checked is None else checked)
        return self._rows.finish_message(
            self.message.id, "" if refused else text, state, speed=speed, sources=given, note=note,
            thoughts=self._thought.text.rstrip(), thinking_s=self._thought.seconds, context=context, form=form,
            judged=judged, refused=refused, withheld=text if refused else "",
        )  # fmt: skip

    def _keep(self) -> None:
        """A slow model's pieces are kept one by one, a fast one's together."""
        if time.monotonic() - self._kept_at < KEEP_EVERY_S:
            return
        with contextlib.suppress(DiskFull):  # the person goes on reading; `finish` tries again and tells
            self._rows.write_text(self.message.id, self._text, self._thought.text, withheld=self.held)
        self._kept_at = time.monotonic()
