"""The words first: what each says about the page and the answer, before anything is learned of their order.

A question is taken for the sum of its tokens' vectors, and chooses among the topics by the very matrix with which the
network reads and writes. That is learned in a minute or two, and the network begins where it ends.
Source of the idea: Joulin et al., Bag of Tricks for Efficient Text Classification, 2016 (arXiv 1607.01759).
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from guide_model.network import EPSILON, Network
from guide_model.samples import Question, Samples
from guide_model.spelling import Spelling

EPOCHS = 12
BATCH = 256  # questions
RATE, LEAST_RATE = 5e-3, 1e-4
DECAY = 0.05
LOST, DROPPED, SMOOTHED = 0.15, 0.1, 0.05


def learn_words(network: Network, samples: Samples, spelling: Spelling, told: Callable[[int, float], None]) -> None:
    """Learn the vectors of the tokens in place. `told` hears of each epoch its number from 1 and the mean loss."""
    vectors = network.token_embd.weight
    optimizer = torch.optim.AdamW([vectors], lr=RATE, betas=(0.9, 0.98), weight_decay=DECAY, fused=True)
    for epoch in range(EPOCHS):
        torch.manual_seed(epoch)
        questions = samples.questions(epoch)
        starts = range(0, len(questions), BATCH)
        loss = 0.0
        for number, start in enumerate(starts):
            gone = (epoch + number / len(starts)) / EPOCHS
            optimizer.param_groups[0]["lr"] = max(LEAST_RATE, RATE * (1 - gone))
            one = loss_of_words(network, questions[start : start + BATCH], spelling)
            one.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad()
            loss += one.item() / len(starts)
        told(epoch + 1, loss)


def loss_of_words(network: Network, questions: Sequence[Question], spelling: Spelling) -> Tensor:
    """How badly the words alone choose the right page and the right block, in natural logarithms, one number."""
    device = network.output_norm.device
    longest = max(len(question.tokens) for question in questions)
    tokens = torch.zeros(len(questions), longest, dtype=torch.long)
    there = torch.zeros(len(questions), longest)
    for row, question in enumerate(questions):
        tokens[row, : len(question.tokens)] = torch.tensor(question.tokens)
        there[row, : len(question.tokens)] = 1.0
    there *= torch.rand(there.shape) >= LOST
    vectors = network.token_embd.weight
    said = (F.embedding(tokens.to(device), vectors) * there.to(device)[..., None]).sum(1)
    said = F.dropout(F.rms_norm(said, (network.shape.width,), network.output_norm, EPSILON), DROPPED)
    pages, first = spelling.pages, spelling.first_topic
    scores = F.linear(said, vectors[first : first + len(spelling.topics)])
    right = torch.tensor([question.topics for question in questions], device=device) - first
    of_page = F.cross_entropy(scores[:, :pages], right[:, 0], label_smoothing=SMOOTHED)
    return of_page + F.cross_entropy(scores[:, pages:], right[:, 1] - pages, label_smoothing=SMOOTHED)
