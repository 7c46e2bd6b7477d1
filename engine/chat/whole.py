"""A question about one document: whether all of its text has room in the model's context."""

from collections.abc import Sequence

from engine.chat.answer import prompt_tokens
from engine.chat.notes import MOST_CITED
from engine.chat.prompt import WRITE, Task, compose, pieces
from engine.operation import Cancel, Operation
from engine.runtime import Runtime
from engine.runtime.measures import estimated_tokens
from engine.types import Fitting, Message, Model, Source, Wanted

NO_END = 1 << 60
FAR_TOO_LONG = 2  # so many times the room: it is not counted, which would take a while, but estimated


def fitting(
    runtime: Runtime, model: Model, system_prompt: str, question: Message, sources: Sequence[Source],
    wanted: Wanted, cancel: Cancel, task: Task = WRITE,
) -> Operation[Fitting]:  # fmt: skip
    """Whether a prompt with all of `sources` fits, counted by the model's own vocabulary.

    Yields and raises as `Runtime.measure`.
    """
    room = prompt_tokens(model, wanted)
    about = sum(estimated_tokens(source.text) for source in sources)
    if about > FAR_TOO_LONG * room or len(sources) > MOST_CITED:
        return Fitting(tokens=max(about, room + 1), room=room, about=True)
    told = pieces(system_prompt, [question], sources, task)
    costs = yield from runtime.measure(model, told, wanted, cancel)
    return Fitting(tokens=compose(system_prompt, [question], sources, NO_END, costs, task=task).tokens, room=room)
