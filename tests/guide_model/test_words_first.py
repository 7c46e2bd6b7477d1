"""The words alone learn to choose the answer, and a network that begins with them chooses as they do."""

import pytest
import torch

from guide_model import words_first
from guide_model.network import Network, Shape
from guide_model.samples import Samples
from guide_model.spelling import END, Spelling
from guide_model.words_first import Words, begin_with, framed, learn_words


@pytest.fixture
def losses() -> list[float]:
    """The losses of the epochs of `words`."""
    return []


@pytest.fixture
def words(
    shape: Shape, samples: Samples, spelling: Spelling, losses: list[float], monkeypatch: pytest.MonkeyPatch
) -> Words:
    """Words that have learned for long: there are few of them."""
    monkeypatch.setattr(words_first, "EPOCHS", 150)
    return learn_words(shape, samples, spelling, 0, lambda epoch, loss: losses.append(loss))


def test_the_words_learn_to_choose(words: Words, losses: list[float]) -> None:
    assert losses[-1] < losses[0] * 0.7


def test_what_is_missing_of_a_shorter_question_tells_nothing(words: Words) -> None:
    alone = words(*framed([[300, 301]], [[]]))
    beside = words(*framed([[300, 301], [300, 301, 302, 303]], [[], []]))
    assert torch.allclose(alone[0], beside[0], atol=1e-6)


def test_a_network_begins_as_good_as_its_words(
    words: Words, shape: Shape, samples: Samples, spelling: Spelling
) -> None:
    network = Network(shape, seed=3).eval()
    begin_with(network, words)
    answer = spelling.answer("Press Stop.")
    for asked in ("how do I add papers", "tell me a joke", "文書を追加するには"):
        for so_far in ([], [answer]):
            said = words(*framed([spelling.encode(asked)], [so_far]))
            scores = (said @ words.table().T)[0]
            whole = network.scores(network(torch.tensor([[*samples.asked(asked), *so_far]]))[0, -1])
            assert torch.allclose(scores, whole, atol=0.02 * scores.abs().max().item())


def test_after_an_answer_comes_the_end(words: Words, spelling: Spelling) -> None:
    answer = spelling.answer("Press Stop.")
    asked = [spelling.encode("stop")]
    assert int((words(*framed(asked, [[]])) @ words.table().T).argmax()) == answer
    assert int((words(*framed(asked, [[answer]])) @ words.table().T).argmax()) == END
