"""The words alone learn to choose the page and the answer, and nothing but them moves."""

import torch

from guide_model.network import Network
from guide_model.samples import Samples
from guide_model.spelling import Spelling
from guide_model.words_first import learn_words


def test_the_words_learn_to_choose_the_page(network: Network, samples: Samples, spelling: Spelling) -> None:
    before = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    losses: list[float] = []
    for _ in range(3):
        learn_words(network, samples, spelling, lambda epoch, loss: losses.append(loss))
    assert losses[-1] < losses[0] / 2
    moved = {name for name, weight in network.named_parameters() if not torch.equal(weight, before[name])}
    assert moved == {"token_embd.weight"}
