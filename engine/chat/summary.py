"""A model's own summary of what its context no longer holds."""

from dataclasses import replace

from engine.chat.prompt import Prompt, context_tokens, summary_tokens
from engine.chat.quiet import quietly
from engine.context import Context
from engine.errors import EngineError
from engine.events import SummaryBegun
from engine.forms import FREE
from engine.operation import Cancel, Operation
from engine.runtime import Runtime
from engine.runtime.measures import Costs, estimated_tokens
from engine.types import Model, Role, Turn, Wanted

STEADY = 0.3  # the temperature of a summary: more invents more
ASK_TOKENS = 120  # what stands around the conversation in the request
_SPEAKER = {Role.USER: "Person", Role.ASSISTANT: "Assistant"}
_PICTURE = "(a picture) "  # it is not shown again
_ASK = """\
Sum up the conversation below in at most {words} words, in its own language, for an assistant that will go on with it \
without having read it. Keep names, numbers, decisions, what the person asked for and what is still open. Write the \
summary and nothing else.

<conversation>
{conversation}
</conversation>"""


def summarised(
    runtime: Runtime, model: Model, prompt: Prompt, before: Context | None, tokens: int, costs: Costs, wanted: Wanted,
    cancel: Cancel,
) -> Operation[Prompt]:  # fmt: skip
    """The prompt with a summary in the place of what is gone; as it was where none could be written.

    The summary of the answer `before` is used again where the cut has not moved. Where it has, it is summed up
    along with what has gone since. The oldest of what is longer than the context is left unread. `tokens` is the
    room of the prompt. Yields SummaryBegun and what `Runtime.generate` yields but for text; raises `Cancelled`.
    """
    old = before if before is not None and before.summary else None
    if old is not None and old.cut_to == prompt.cut_to:
        return prompt.with_summary(old.summary, estimated_tokens(old.summary))
    yield SummaryBegun(messages=prompt.left_out)
    ids = [first for first, _ in prompt.gone]
    if old is not None and old.cut_to not in ids:  # it covers more than is gone now
        old = None
    turns = [turn for _, turn in prompt.gone[ids.index(old.cut_to) if old else 0 :]]
    most = summary_tokens(tokens)
    room = context_tokens(model, wanted) - most - ASK_TOKENS - (estimated_tokens(old.summary) if old else 0)
    unread = 0
    while turns and sum(map(costs.whole, turns)) > room:
        turns.pop(0)
        unread += 1
    said = [f"Summary of what was said before: {old.summary}"] if old else []
    said += [f"{_SPEAKER[turn.role]}: {_PICTURE * len(turn.pictures)}{turn.text}" for turn in turns]
    ask = _ASK.format(words=most // 2, conversation="\n\n".join(said))
    how = replace(wanted, answer_tokens=most, temperature=min(wanted.temperature, STEADY), stop=(), form=FREE)
    try:
        written = yield from quietly(runtime.generate(model, [Turn(role=Role.USER, text=ask)], how, cancel))
    except EngineError:  # the prompt's note says that there is none
        return prompt
    text = written.text.strip()
    return prompt.with_summary(text, written.speed.tokens, unread) if text else prompt
