"""Whether the exported file is the model that was trained: text is cut alike, and the same answers are written."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from guide_model.answering import Answering
from guide_model.network import Network
from guide_model.spelling import END, Spelling

MOST_COMPARED = 64  # tokens of an answer
AS_GOOD_AS_EQUAL = 0.03  # of a logit


class NotTheSame(Exception):
    """llama.cpp and the training do not agree."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"llama.cpp {what}: {where!r}.")


def check_spelling(path: Path, spelling: Spelling, texts: Iterable[str]) -> int:
    """Compare how every text is cut; how many there were. Raises `NotTheSame`, `NotLoaded`."""
    count = 0
    with Answering(path) as answering:
        for text in texts:
            if answering.tokens(text) != spelling.encode(text):
                raise NotTheSame("cuts a text otherwise", text)
            count += 1
    return count


@torch.no_grad()
def check_answers(path: Path, network: Network, questions: Sequence[str]) -> int:
    """Compare the likeliest answers, token by token; how many tokens there were. Raises `NotTheSame`, `NotLoaded`.

    llama.cpp keeps what it has read in 16 bits: where two tokens are as good as equally likely, either will do.
    """
    count = 0
    with Answering(path) as answering:
        for question in questions:
            prompt = answering.prompt(question)
            theirs = [*answering.written(prompt, most=MOST_COMPARED), END][:MOST_COMPARED]
            said = network(torch.tensor([[*prompt, *theirs[:-1]]]))[0, len(prompt) - 1 :]
            scores = network.scores(said)
            lost = scores.max(-1).values - scores.gather(1, torch.tensor(theirs)[:, None])[:, 0]
            if bool((lost > AS_GOOD_AS_EQUAL).any()):
                raise NotTheSame("answers otherwise", question)
            count += len(theirs)
    return count


def agreement(path: Path, other: Path, questions: Sequence[str]) -> tuple[float, float]:
    """How often `other` gives the very answer of `path`, and the perplexity of `path`'s answers to it."""
    with Answering(path) as answering:
        prompts = [answering.prompt(question) for question in questions]
        answers = [answering.written(prompt) for prompt in prompts]
    same, told = 0, 0.0
    with Answering(other) as answering:
        for prompt, answer in zip(prompts, answers, strict=True):
            same += answering.written(prompt) == answer
            told += answering.likelihood(prompt, [[*answer, END]])[0]
    return same / len(questions), float(torch.tensor(-told / len(questions)).exp())
