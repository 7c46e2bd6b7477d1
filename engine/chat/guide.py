"""How the built-in guide is asked: as it was taught, and kept to sentences wherever documents are drawn on.

It knows its answers by heart, and copies what it is given. A person's own instructions, a long conversation or a throw
of the dice would only lead it astray; what it wrote freely from documents would be invented. So none of these reach it.
"""

from collections.abc import Sequence

from engine.errors import GuideOnlyQuotes
from engine.settings import Settings
from engine.types import Message, Model

TAUGHT_WITH = Settings().system_prompt  # the instructions that it learned with
MOST_TOKENS = 300  # of an answer; the longest that it knows has not half as many
MOST_SAID = 3  # the question and one exchange before it: more it never met while it learned


def instructions(sources: Sequence[object]) -> str:
    """What it is told first: nothing where it is to copy from passages."""
    return "" if sources else TAUGHT_WITH


def said(messages: Sequence[Message]) -> Sequence[Message]:
    """What it is given of a conversation."""
    return messages[-MOST_SAID:]


def must_write(model: Model) -> None:
    """Raises `GuideOnlyQuotes` where something is to be written from documents, and not quoted."""
    if model.built_in:
        raise GuideOnlyQuotes(model=model.name)
