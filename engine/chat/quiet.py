"""Work of a model whose words are no answer: summaries, notes."""

from engine.events import PromptRead, TextAdded, ThoughtAdded, TokenWeighed
from engine.operation import Operation, Result, heard


def quietly(work: Operation[Result]) -> Operation[Result]:
    """Do the work and yield what it reports, but for words and thoughts, and what was read for them."""
    unheard = TextAdded | ThoughtAdded | TokenWeighed | PromptRead
    return heard(work, lambda event: None if isinstance(event, unheard) else event)
