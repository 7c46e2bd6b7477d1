"""The words alone learn to choose the answer, and a network that begins with them chooses as they do."""

import pytest
import torch

from guide_model.network import Network, Shape
from guide_model.samples import Samples
from guide_model.spelling import END, Spelling
from guide_model.words_first import Words, begin_with, framed, learner_of, loss_of, rate

EPOCHS = 150


@pytest.fixture(scope="module")
def device() -> torch.device:
    """Where they learn."""
    return torch.device("cpu")


@pytest.fixture
def words(shape: Shape, samples: Samples, spelling: Spelling, device: torch.device) -> Words:
    """Words that have learned for long: there are few of them."""
    torch.manual_seed(0)
    words = Words(shape, spelling)
    learner = learner_of(words)
    for step in range(EPOCHS):
        learner.step(loss_of(words, samples.questions(step), device), rate(step / EPOCHS), step + 1)
    words.load_state_dict(learner.average)
    return words.eval()


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
