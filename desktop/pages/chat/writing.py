"""An answer that is being written, on show or not."""

from dataclasses import dataclass

from desktop.jobs import Job
from engine.types import Message


@dataclass(eq=False)
class Writing:
    """An answer being written: what the page must know to show it again."""

    chat_id: int
    job: Job | None = None
    message: Message | None = None  # None until the answer's row is kept
    question_kept: bool = False
    text: str = ""
    thoughts: str = ""
    thought_at: float = 0.0
    thinking_s: float = 0.0
    phase: str = ""
    prompt_tokens: int = 0
    tokens: int = 0  # written
    context_tokens: int = 0  # that the model holds; 0 until it is known
