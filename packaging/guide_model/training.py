"""Training: epochs of the words, then of the whole network, with what is needed to go on after a stop.

The rate rises for a short while and falls along a cosine; samples of like length are together in a batch; the loss is
on the tokens as they count, labels a little smoothed. After each epoch the average's weights lie in a file of their
own, as a whole network; whoever starts again goes on from there, and comes to the same model on the same computer.
"""

import copy
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from guide_model import words_first
from guide_model.corpus import Block
from guide_model.learner import Learner
from guide_model.network import Network, Shape
from guide_model.samples import Sample, Samples
from guide_model.spelling import Spelling
from guide_model.words_first import Words, batched, begin_with, loss_of

PROGRESS = "progress.json"
ASKED_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long the whole network learns, and how fast; the words' own is in `words_first`."""

    epochs: int = 1
    batch_tokens: int = 2048
    rate: float = 1e-4
    least_rate: float = 1e-6
    rising: float = 0.02  # of all steps
    decay: float = 0.05
    dropped: float = 0.1
    smoothed: float = 0.05
    clipped: float = 1.0
    seed: int = 0

    @property
    def all_epochs(self) -> int:
        """With those of the words."""
        return words_first.EPOCHS + self.epochs


@dataclass(frozen=True, slots=True)
class Learned:
    """What an epoch came to. `right_pages`, `right_answers`: shares of the ways of asking held back, by language."""

    epoch: int
    loss: float
    right_pages: dict[str, float]
    right_answers: dict[str, float]
    seconds: float


HeldBack = Sequence[tuple[Block, str]]
_Batch = TypeVar("_Batch")


def train(
    folder: Path, shape: Shape, schedule: Schedule, samples: Samples, spelling: Spelling, held_back: HeldBack,
    told: Callable[[Learned], None],
) -> list[Learned]:  # fmt: skip
    """Learn all epochs; the weights lie in `folder`/epoch-NN.safetensors after each. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    history = read_history(folder)
    words = Words(shape, spelling, schedule.seed).to(device)
    learner = words_first.learner_of(words)
    if len(history) > words_first.EPOCHS:
        learner = _learner_of(Network(shape).to(device), schedule)
    if history:
        learner.go_on(folder)
    for epoch in range(len(history), schedule.all_epochs):
        if epoch == words_first.EPOCHS:
            learner = _learner_of(_begun(words, learner, schedule), schedule)
        torch.manual_seed(schedule.seed * 1000 + epoch)
        begun = time.monotonic()
        learner.module.train()
        if isinstance(network := learner.module, Network):
            number = epoch - words_first.EPOCHS
            batches = list(_batches(samples.epoch(epoch), schedule, number))
            loss = _taught(
                learner, batches, number, partial(_loss, network, schedule, device),
                lambda epochs: _rate(schedule, epochs / schedule.epochs),
            )  # fmt: skip
            values = learner.average
        else:
            loss = _taught(
                learner, batched(samples.questions(epoch)), epoch, partial(loss_of, words, device=device),
                lambda epochs: words_first.rate(epochs / words_first.EPOCHS),
            )  # fmt: skip
            values = dict(_begun(words, learner, schedule).named_parameters())
        seconds = time.monotonic() - begun
        pages, answers = judged(with_weights(shape, values, device), spelling, samples, held_back)
        history.append(Learned(epoch + 1, loss, pages, answers, seconds))
        weights = {name: weight.detach().cpu().contiguous() for name, weight in values.items()}
        save_file(weights, folder / weights_name(epoch + 1))
        learner.keep(folder)
        _write_history(folder, history)
        told(history[-1])
    return history


def _taught(
    learner: Learner, batches: Sequence[_Batch], epoch: int, loss_of: Callable[[_Batch], Tensor],
    rate_after: Callable[[float], float],
) -> float:  # fmt: skip
    """Learn from the batches of an epoch, at the rate after so many epochs; the mean loss."""
    loss = 0.0
    for at, batch in enumerate(batches):
        done = epoch * len(batches) + at
        loss += learner.step(loss_of(batch), rate_after(done / len(batches)), done + 1) / len(batches)
    return loss


def _begun(words: Words, learner: Learner, schedule: Schedule) -> Network:
    """A network that answers as the average of the words does."""
    mean = copy.deepcopy(words)
    mean.load_state_dict(learner.average)
    network = Network(words.shape, schedule.seed).to(words.pieces.device)
    begin_with(network, mean)
    return network


def _learner_of(network: Network, schedule: Schedule) -> Learner:
    norms = [weight for weight in network.parameters() if weight.dim() == 1]
    return Learner(network, norms, schedule.decay, schedule.clipped)


def weights_name(epoch: int) -> str:
    """The file of the weights after an epoch, counted from 1."""
    return f"epoch-{epoch:02d}.safetensors"


def weights(folder: Path, epoch: int, mean_of: int = 1) -> dict[str, Tensor]:
    """The averaged weights after an epoch, or the mean of those after so many, of which it is the last.

    Raises OSError.
    """
    some = [load_file(folder / weights_name(number)) for number in range(max(1, epoch - mean_of + 1), epoch + 1)]
    return {name: torch.stack([one[name] for one in some]).mean(0) for name in some[0]}


def with_weights(shape: Shape, values: dict[str, Tensor], device: torch.device | None = None) -> Network:
    """A network of given weights, that no longer learns."""
    network = Network(shape).to(device or torch.device("cpu"))
    network.load_state_dict(values)
    return network.eval()


@torch.no_grad()
def judged(
    network: Network, spelling: Spelling, samples: Samples, held_back: HeldBack
) -> tuple[dict[str, float], dict[str, float]]:
    """Which shares of the questions get an answer of their page, and the right one, by language."""
    found: dict[str, list[tuple[bool, bool]]] = {}
    asked = [
        (samples.asked(question), block.language, spelling.answer(block.answers[0]), block.page)
        for block, question in held_back
        if not block.passages
    ]
    asked.sort(key=lambda one: len(one[0]))
    for at in range(0, len(asked), ASKED_AT_ONCE):
        some = asked[at : at + ASKED_AT_ONCE]
        for (_, language, answer, page), said in zip(some, _next(network, [one[0] for one in some]), strict=True):
            from_page = said >= spelling.first_answer and spelling.pages[said - spelling.first_answer] == page
            found.setdefault(language, []).append((from_page, said == answer))
    return tuple(  # type: ignore[return-value]
        {language: sum(one[which] for one in ones) / len(ones) for language, ones in sorted(found.items())}
        for which in (0, 1)
    )


def read_history(folder: Path) -> list[Learned]:
    """What each epoch came to, of a training in `folder`; empty where there was none. Raises OSError, ValueError."""
    path = folder / PROGRESS
    return [Learned(**one) for one in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def best_epoch(history: Sequence[Learned]) -> int:
    """After which the share of right answers to what was held back was largest, each language counting alike."""
    return max(history, key=lambda learned: sum(learned.right_answers.values())).epoch


def _next(network: Network, prompts: Sequence[Sequence[int]]) -> list[int]:
    """The likeliest next token of each prompt."""
    device = network.output_norm.device
    lengths = [len(prompt) for prompt in prompts]
    padded = torch.zeros(len(prompts), max(lengths), dtype=torch.long, device=device)
    for row, prompt in enumerate(prompts):
        padded[row, : len(prompt)] = torch.tensor(prompt, device=device)
    said = network(padded)[torch.arange(len(prompts)), torch.tensor(lengths) - 1]
    return [int(token) for token in network.scores(said).argmax(-1)]


def _batches(samples: list[Sample], schedule: Schedule, epoch: int) -> Iterator[list[Sample]]:
    """Batches of samples of like length, in an order by chance; a batch has about `batch_tokens` tokens."""
    by_length = sorted(range(len(samples)), key=lambda at: (len(samples[at].tokens), at))
    batches: list[list[Sample]] = []
    batch: list[Sample] = []
    for at in by_length:
        if batch and (len(batch) + 1) * len(samples[at].tokens) > schedule.batch_tokens:
            batches.append(batch)
            batch = []
        batch.append(samples[at])
    if batch:
        batches.append(batch)
    order = torch.randperm(len(batches), generator=torch.Generator().manual_seed(schedule.seed * 7919 + epoch))
    for at in order.tolist():
        yield batches[at]


def _loss(network: Network, schedule: Schedule, device: torch.device, batch: list[Sample]) -> Tensor:
    longest = max(len(sample.tokens) for sample in batch)
    tokens = torch.zeros(len(batch), longest, dtype=torch.long)
    counts = torch.zeros(len(batch), longest)
    for row, sample in enumerate(batch):
        tokens[row, : len(sample.tokens)] = torch.tensor(sample.tokens)
        counts[row, : len(sample.counts)] = torch.tensor(sample.counts)
    tokens, counts = tokens.to(device), counts.to(device)
    with torch.autocast(device.type, torch.bfloat16, enabled=_halved(device)):
        said = network(tokens[:, :-1], schedule.dropped)
        foreseen = counts[:, 1:] > 0
        scores = network.scores(said[foreseen])
    losses = F.cross_entropy(
        scores.float(), tokens[:, 1:][foreseen], label_smoothing=schedule.smoothed, reduction="none"
    )
    weights = counts[:, 1:][foreseen]
    return (losses * weights).sum() / weights.sum()


def _halved(device: torch.device) -> bool:
    """Whether to reckon in 16 bits: where the processor does so itself it is two to five times as fast."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _rate(schedule: Schedule, progress: float) -> float:
    if progress < schedule.rising:
        return schedule.rate * (progress / schedule.rising + 1e-3)
    fallen = (progress - schedule.rising) / (1 - schedule.rising)
    return schedule.least_rate + (schedule.rate - schedule.least_rate) * (1 + math.cos(math.pi * fallen)) / 2


def _write_history(folder: Path, history: list[Learned]) -> None:
    (folder / (PROGRESS + ".part")).write_text(json.dumps([asdict(one) for one in history], indent=1), encoding="utf-8")
    os.replace(folder / (PROGRESS + ".part"), folder / PROGRESS)
