"""Work of a model whose words are no answer: summaries, notes."""

from contextlib import closing

from engine.events import PromptRead, TextAdded, ThoughtAdded, TokenWeighed
from engine.operation import Operation, Result


def quietly(work: Operation[Result]) -> Operation[Result]:
    """Do the work and yield what it reports, but for words and thoughts, and what was read for them."""
    with closing(work):
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                result: Result = end.value
                return result
            if not isinstance(event, TextAdded | ThoughtAdded | TokenWeighed | PromptRead):
                yield event
