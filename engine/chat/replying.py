"""A message in a chat and the answer to it: passages where it is to draw on documents, a model, and what is kept.

Where only what the documents support is to be answered, no model is asked whose passages do not answer, and what one
wrote is held back until it is checked. In the place of the guide's answer from passages stand their best sentences.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from engine.chat import guide
from engine.chat.answer import Draft, Rows, answer, cited, entered, wanted_in
from engine.chat.asking import Asking, held_back
from engine.chat.pictures import for_model
from engine.chat.prompt import Prompt
from engine.context import Context, WhenFull
from engine.documents import Documents
from engine.errors import Cancelled, EngineError, MemoryRanShort, WorkerDied, WorkerSilent
from engine.events import Changed, MessageKept
from engine.forms import FREE
from engine.forms.asking import told
from engine.operation import Cancel, Operation
from engine.runtime import Runtime
from engine.settings import Settings
from engine.types import Chat, Checked, Message, MessageState, Model, Picture, Refusal, Role, Source, Wanted, Written

NOTHING_FOUND = "Nothing in your documents matches this question, so the answer does not draw on them."
CONTEXT_FULL = "The model's context was full, so the answer ends here."
OUR_MISTAKE = "Hanare made a mistake while this was being written."


class Replying:
    """Has models answer in the chats of one store, or in those in memory."""

    def __init__(
        self, runtime: Runtime, documents: Documents, asking: Asking, picture_data: Callable[[Picture], bytes]
    ) -> None:
        self._runtime, self._documents, self._asking, self._picture_data = runtime, documents, asking, picture_data

    def reply(
        self, rows: Rows, question: Message, model: Model, settings: Settings, cancel: Cancel, with_documents: bool,
        begun: Message | None = None, **wishes: Any,
    ) -> Operation[Message]:  # fmt: skip
        """Answer `question`, or go on with what was `begun`; `wishes` are fields of `Wanted`. See `Chats.send`."""
        rows.use_model(question.chat_id, model.id)
        chat = rows.get(question.chat_id)
        branch, unseen = for_model(rows.branch(question.id), model, self._picture_data)
        sources, searched = (begun.sources, begun.context.searched_for if begun.context else "") if begun else ((), "")
        if with_documents and not begun:
            searched, sources = yield from self._asking.for_chat(branch, model, settings, cancel)
            if settings.only_supported:
                refusal = yield from self._asking.refusal(searched or question.text, sources, cancel)
                if refusal:
                    return (yield from _refused(rows, question, refusal, sources, searched))
            if sources and model.built_in:
                return (yield from self._quoted(rows, question, model, sources, searched, cancel))
        wanted = replace(wanted_in(chat, settings, model, sources, begun), **wishes)
        held = with_documents and settings.only_supported and wanted.form == FREE
        draft = Draft.begun(rows, question, model, sources, begun, held)
        try:
            yield MessageKept(message=draft.message)
            work = self._write(draft, chat, branch, model, settings, wanted, cancel)
            written, prompt, text, note, checked = yield from work
        except (Cancelled, GeneratorExit) as stopped:
            finished = draft.finish(MessageState.STOPPED)
            if isinstance(stopped, GeneratorExit):
                raise
        except EngineError as error:
            died = isinstance(error, (MemoryRanShort, WorkerDied, WorkerSilent))
            draft.finish(MessageState.INTERRUPTED if died else MessageState.FAILED, note=str(error))
            yield Changed(what="chats")
            raise
        except BaseException:
            draft.finish(MessageState.FAILED, note=OUR_MISTAKE)
            raise
        else:
            context = entered(written, prompt, model, wanted, searched)
            full = written.state is MessageState.CUT and context.is_full(written.speed.tokens)
            nothing = NOTHING_FOUND if with_documents and not sources else ""
            finished = draft.finish(
                written.state, text=text, speed=written.speed, sources=prompt.sources,
                note=" ".join(filter(None, (nothing, CONTEXT_FULL if full else "", unseen, note))), context=context,
                form=wanted.form.kind, judged=written.judged, checked=checked,
            )  # fmt: skip
        yield Changed(what="chats")
        return finished

    # Its own affairs.

    def _quoted(
        self, rows: Rows, question: Message, model: Model, sources: Sequence[Source], searched: str, cancel: Cancel
    ) -> Operation[Message]:
        """Keep what `sources` say themselves, in the name of the guide, which is not asked."""
        text = yield from guide.quoted(self._documents, searched or question.text, sources, cancel)
        if not text:
            return (yield from _refused(rows, question, Refusal.WEAK, sources, searched))
        draft = Draft.begun(rows, question, model, sources, None)
        finished = draft.finish(MessageState.COMPLETE, text=text, note=guide.RANKED, context=_only(searched))
        yield MessageKept(message=finished)
        yield Changed(what="chats")
        return finished

    def _write(
        self, draft: Draft, chat: Chat, branch: Sequence[Message], model: Model, settings: Settings, wanted: Wanted,
        cancel: Cancel,
    ) -> Operation[tuple[Written, Prompt, str, str, tuple[Checked, ...] | None]]:  # fmt: skip
        """What was written from which prompt, its text, a note on it, and its sentences where it is held back."""
        when_full = chat.when_full or WhenFull(settings.when_full)
        instructions, sources = told(settings.system_prompt, wanted.form), draft.message.sources
        work = answer(self._runtime, model, instructions, branch, sources, wanted, cancel, when_full, chat.id)
        kept = draft.follow(work)
        written, prompt = yield from (held_back(kept) if draft.held else kept)
        text, note = cited(written, prompt, model, wanted)
        checked = (yield from self._asking.check(text, prompt.sources, cancel)) if draft.held else None
        return written, prompt, text, note, checked


def _refused(
    rows: Rows, question: Message, refusal: Refusal, sources: Sequence[Source], searched: str
) -> Operation[Message]:
    """Keep the passages that were found, and why no model was asked to answer from them."""
    refused = rows.add_message(
        question.chat_id, question.id, Role.ASSISTANT, "", sources=sources, refused=refusal, context=_only(searched)
    )
    yield MessageKept(message=refused)
    yield Changed(what="chats")
    return refused


def _only(searched: str) -> Context | None:
    """What is known where no model was asked: what was searched for, where that was not the question."""
    return Context(context_tokens=0, prompt_tokens=0, searched_for=searched) if searched else None
