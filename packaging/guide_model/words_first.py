"""The words first: what each says about the answer, before anything is learned of their order.

A question is taken for the mean of its tokens' vectors, weighed by how much each of them tells, and chooses among the
answers by the very matrix with which the network reads and writes. An answer's vector is the sum of one of its own
and one of its page, so that what is learned of one answer tells of its neighbours. Learning that takes minutes, and
the network begins as exactly that: its first layer weighs and adds up, all else adds nothing yet.
Sources: Joulin et al., Bag of Tricks for Efficient Text Classification, 2016 (arXiv 1607.01759), for the sum; the
weights are the first layer's own attention, with queries and keys on its slowest turning pair of places.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from guide_model.learner import Learner
from guide_model.network import EPSILON, Network, Shape
from guide_model.samples import Question
from guide_model.spelling import END, GUIDE, Spelling, prompt

EPOCHS = 12
BATCH = 256  # questions
SORTED = 32  # batches whose questions are sorted by length together
RATE, LEAST_RATE = 5e-3, 1e-4
DECAY = 0.05
LOST, DROPPED, SMOOTHED = 0.05, 0.05, 0.05
ENDED, OF_END = 16, 0.25  # questions of a batch that are gone on with after their answer, and how much that counts
SMALL = 0.01  # spread of what adds nothing yet


class Words(nn.Module):
    """The vectors of a vocabulary, and how much each of them counts in the heads of the first layer."""

    def __init__(self, shape: Shape, spelling: Spelling, seed: int = 0) -> None:
        """By chance, the same for one seed."""
        super().__init__()
        chance = torch.Generator().manual_seed(seed)
        names = sorted(set(spelling.pages))

        def vectors(count: int) -> nn.Parameter:
            return nn.Parameter(torch.randn(count, shape.width, generator=chance) * 0.02)

        self.shape = shape
        self.pieces, self.own, self.shared = (
            vectors(spelling.first_answer),
            vectors(len(spelling.answers)),
            vectors(len(names)),
        )
        self.telling = nn.Parameter(torch.zeros(shape.heads, shape.width))
        self.read, self.said = nn.Parameter(torch.ones(shape.width)), nn.Parameter(torch.ones(shape.width))
        self.register_buffer("page", torch.tensor([names.index(page) for page in spelling.pages]), persistent=False)

    def table(self) -> Tensor:
        """A vector for each token, (vocabulary, width)."""
        return torch.cat((self.pieces, self.own + self.shared[self.page]))

    def forward(self, tokens: Tensor, there: Tensor, dropped: float = 0.0) -> Tensor:
        """What is said after prompts, (prompts, width), of tokens and whether each is one, both (prompts, tokens)."""
        width, heads = self.shape.width, self.shape.heads
        table = self.table()
        x = self._read(F.embedding(tokens, table))
        last = tokens.gather(1, there.long().cumsum(1).argmax(1, keepdim=True))[:, 0]
        weights = self._asking(F.embedding(last, table))[:, None, None] * (x @ self.telling.T)
        weights = weights.masked_fill(~there[..., None], -torch.inf).softmax(1)
        mean = (x.unflatten(2, (heads, width // heads)) * weights[..., None]).sum(1).flatten(1)
        said = F.embedding(last, table) + F.dropout(mean, dropped, self.training)
        return F.rms_norm(said, (width,), self.said, EPSILON)

    def query(self) -> Tensor:
        """What the last token is asked with, (width,): its likeness to the one that an answer follows."""
        asking = self._read(self.pieces[GUIDE])
        return asking / asking.square().sum()

    def _read(self, vectors: Tensor) -> Tensor:
        return F.rms_norm(vectors, (self.shape.width,), self.read, EPSILON)

    def _asking(self, last: Tensor) -> Tensor:
        return self._read(last) @ self.query()


def learner_of(words: Words) -> Learner:
    """What teaches them: the vectors decay."""
    return Learner(words, [words.telling, words.read, words.said], DECAY)


def rate(progress: float) -> float:
    """How fast is learned where this share of all epochs is over."""
    return max(LEAST_RATE, RATE * (1 - progress))


def loss_of(words: Words, questions: Sequence[Question], device: torch.device) -> Tensor:
    """How badly right answers, their pages, and the end after some, are chosen: natural logarithms, one number."""
    asked, answered = questions, questions[:: len(questions) // ENDED or 1]
    tokens, there = framed([question.tokens for question in asked], [[]] * len(asked))
    there &= (torch.rand(there.shape) >= LOST) | (tokens <= GUIDE)
    said, table = words(tokens.to(device), there.to(device), DROPPED), words.table()
    right = torch.tensor([question.answer for question in asked], device=device)
    of_answer = F.cross_entropy(said @ table.T, right, label_smoothing=SMOOTHED)
    pages = words.page[right - len(words.pieces)]
    of_page = F.cross_entropy(said @ words.shared.T, pages, label_smoothing=SMOOTHED)
    tokens, there = framed([question.tokens for question in answered], [[question.answer] for question in answered])
    after = words(tokens.to(device), there.to(device), DROPPED)
    of_end = F.cross_entropy(after @ table.T, torch.full((len(answered),), END, device=device))
    return of_answer + of_page + OF_END * of_end


def framed(questions: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """The prompts of questions with what was answered so far, and where they have a token, both (prompts, tokens)."""
    prompts = [[*prompt(question), *answer] for question, answer in zip(questions, answers, strict=True)]
    longest = max(map(len, prompts))
    tokens = torch.zeros(len(prompts), longest, dtype=torch.long)
    there = torch.zeros(len(prompts), longest, dtype=torch.bool)
    for row, told in enumerate(prompts):
        tokens[row, : len(told)] = torch.tensor(told)
        there[row, : len(told)] = True
    return tokens, there


@torch.no_grad()
def begin_with(network: Network, words: Words) -> None:
    """Have a network of the same shape, whose key heads are as many as its heads, answer as the words do."""
    shape = network.shape
    network.token_embd.weight.copy_(words.table())
    network.output_norm.copy_(words.said)
    first = network.blk[0]
    first.attn_norm.copy_(words.read)
    for weight in (first.attn_v.weight, first.attn_output.weight):
        weight.copy_(torch.eye(shape.width))
    for layer in network.blk:
        layer.ffn_down.weight.zero_()
    for layer in network.blk[1:]:
        layer.attn_output.weight.zero_()
    # The slowest pair turns by less than a thousandth from one token to the next: as good as no place.
    for weight in (first.attn_q.weight, first.attn_k.weight):
        weight.normal_(0.0, SMALL, generator=torch.Generator().manual_seed(0))
    slowest = torch.arange(shape.heads) * shape.head + shape.head - 2
    for weight in (first.attn_q.weight, first.attn_k.weight):
        weight[slowest] = weight[slowest + 1] = 0.0
    first.attn_q.weight[slowest] = words.query()
    first.attn_k.weight[slowest] = words.telling * math.sqrt(shape.head)


def batched(questions: list[Question]) -> list[list[Question]]:
    """Those of like length together, in an order by chance."""
    stretch = BATCH * SORTED
    found = []
    for begun in range(0, len(questions), stretch):
        some = sorted(questions[begun : begun + stretch], key=lambda question: len(question.tokens))
        found += [some[at : at + BATCH] for at in range(0, len(some), BATCH)]
    return [found[at] for at in torch.randperm(len(found)).tolist()]
