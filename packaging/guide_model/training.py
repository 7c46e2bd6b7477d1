"""Training: epochs over the corpus, with what is needed to go on after a stop.

Adam with decoupled weight decay, a rate that rises for a short while and falls along a cosine, samples of like length
together in a batch, loss on the tokens as they count, labels a little smoothed. What is used in the end is the running
average of the weights. After each epoch everything lies in one file; whoever starts again goes on from there, and comes
to the same model on the same computer.
"""

import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from guide_model.corpus import Block
from guide_model.network import Network, Shape
from guide_model.samples import Sample, Samples
from guide_model.spelling import Spelling
from guide_model.words_first import begin_with, learn_words

STATE, PROGRESS = "state.safetensors", "progress.json"
ASKED_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast is learned."""

    epochs: int = 8
    batch_tokens: int = 2048
    rate: float = 2e-3
    least_rate: float = 2e-5
    rising: float = 0.02  # of all steps
    decay: float = 0.05
    dropped: float = 0.1
    smoothed: float = 0.05
    averaged: float = 0.998  # how much of the average stays at each step
    clipped: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Learned:
    """What an epoch came to. `right_pages`, `right_answers`: shares of the ways of asking held back, by language."""

    epoch: int
    loss: float
    right_pages: dict[str, float]
    right_answers: dict[str, float]
    tokens: int
    seconds: float


HeldBack = Sequence[tuple[Block, str]]


def train(
    folder: Path, shape: Shape, schedule: Schedule, samples: Samples, spelling: Spelling, held_back: HeldBack,
    told_words: Callable[[int, float], None], told: Callable[[Learned], None],
) -> list[Learned]:  # fmt: skip
    """Learn the words, then all epochs; the average's weights lie in `folder`/epoch-NN.safetensors after each.

    `told_words` hears of every epoch of the words, its number and loss, and `told` of every one after. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = Network(shape, schedule.seed).to(device)
    optimizer = _optimizer(network, schedule)
    history = read_history(folder)
    if not history:
        begin_with(network, learn_words(shape, samples, spelling, schedule.seed, told_words))
    average = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    if history:
        _go_on(folder, network, average, optimizer)
    for epoch in range(len(history), schedule.epochs):
        torch.manual_seed(schedule.seed * 1000 + epoch)
        begun = time.monotonic()
        batches = list(_batches(samples.epoch(epoch), schedule, epoch))
        loss, tokens = 0.0, 0
        network.train()
        for at, batch in enumerate(batches):
            rate = _rate(schedule, (epoch + at / len(batches)) / schedule.epochs)
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss += _step(network, optimizer, batch, schedule, device) / len(batches)
            tokens += sum(len(sample.tokens) for sample in batch)
            _move(
                average,
                network,
                min(schedule.averaged, (1 + at + epoch * len(batches)) / (10 + at + epoch * len(batches))),
            )
        seconds = time.monotonic() - begun
        pages, answers = judged(with_weights(shape, average, device), spelling, samples, held_back)
        history.append(Learned(epoch + 1, loss, pages, answers, tokens, seconds))
        save_file(
            {name: weight.cpu().contiguous() for name, weight in average.items()}, folder / weights_name(epoch + 1)
        )
        _keep(folder, network, average, optimizer, history)
        told(history[-1])
    return history


def weights_name(epoch: int) -> str:
    """The file of the weights after an epoch, counted from 1."""
    return f"epoch-{epoch:02d}.safetensors"


def weights(folder: Path, epoch: int) -> dict[str, Tensor]:
    """The averaged weights after an epoch. Raises OSError."""
    return load_file(folder / weights_name(epoch))


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


def _step(
    network: Network, optimizer: torch.optim.Optimizer, batch: list[Sample], schedule: Schedule,
    device: torch.device,
) -> float:  # fmt: skip
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
    loss = (losses * weights).sum() / weights.sum()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), schedule.clipped)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


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


def _optimizer(network: Network, schedule: Schedule) -> torch.optim.AdamW:
    matrices = [weight for weight in network.parameters() if weight.dim() > 1]
    vectors = [weight for weight in network.parameters() if weight.dim() == 1]
    groups = [{"params": matrices, "weight_decay": schedule.decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=schedule.rate, betas=(0.9, 0.98), fused=True)


@torch.no_grad()
def _move(average: dict[str, Tensor], network: Network, stays: float) -> None:
    torch._foreach_lerp_(list(average.values()), [weight.data for weight in network.parameters()], 1 - stays)


def _keep(
    folder: Path, network: Network, average: dict[str, Tensor], optimizer: torch.optim.AdamW, history: list[Learned]
) -> None:
    """Everything that going on needs, put in the place of what was there before at once."""
    kept = {f"weight.{name}": weight.detach().cpu().contiguous() for name, weight in network.named_parameters()}
    kept |= {f"average.{name}": weight.cpu().contiguous() for name, weight in average.items()}
    for name, weight in network.named_parameters():
        for moment, value in optimizer.state[weight].items():
            kept[f"{moment}.{name}"] = value.detach().cpu().contiguous()
    save_file(kept, folder / (STATE + ".part"))
    (folder / (PROGRESS + ".part")).write_text(json.dumps([asdict(one) for one in history], indent=1), encoding="utf-8")
    os.replace(folder / (STATE + ".part"), folder / STATE)
    os.replace(folder / (PROGRESS + ".part"), folder / PROGRESS)


def _go_on(folder: Path, network: Network, average: dict[str, Tensor], optimizer: torch.optim.AdamW) -> None:
    """Take up what `_keep` kept."""
    kept = load_file(folder / STATE)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            weight.copy_(kept[f"weight.{name}"])
            average[name].copy_(kept[f"average.{name}"])
            moments = ("step", "exp_avg", "exp_avg_sq")
            optimizer.state[weight] = {
                moment: kept[f"{moment}.{name}"].to(weight.device if moment != "step" else "cpu") for moment in moments
            }
