"""The exported file is the network that was trained: llama.cpp cuts, reckons and is spoken to alike."""

from pathlib import Path

import gguf
import pytest
import torch

from engine.runtime.gguf import read_facts
from engine.worker.model.template import ChatTemplate
from guide_model.answering import Answering
from guide_model.checking import NotTheSame, check_answers, check_spelling
from guide_model.gguf_out import TEMPLATE, write
from guide_model.network import Network, Shape
from guide_model.picking import kept_to
from guide_model.spelling import BEGIN, Spelling
from tests.guide_model.test_spelling import TEXTS


@pytest.fixture
def file(tmp_path: Path, shape: Shape, spelling: Spelling, network: Network) -> Path:
    """The exported file."""
    path = tmp_path / "guide.gguf"
    write(path, shape, spelling, dict(network.named_parameters()))
    return path


def test_llama_cpp_cuts_every_text_as_it_was_learned(file: Path, spelling: Spelling) -> None:
    assert check_spelling(file, spelling, TEXTS) == len(TEXTS)


def test_llama_cpp_shows_an_answer_as_all_of_it_and_cuts_no_text_into_one(file: Path, spelling: Spelling) -> None:
    assert check_spelling(file, spelling, spelling.answers) == len(spelling.answers)
    with Answering(file) as answering:
        for answer in spelling.answers:
            assert answering.text([spelling.answer(answer)]) == answer


def test_llama_cpp_writes_what_the_training_would(file: Path, network: Network) -> None:
    assert check_answers(file, network, TEXTS) > len(TEXTS)


def test_a_file_of_other_weights_is_found_out(file: Path, shape: Shape) -> None:
    other = Network(shape, seed=2).eval()
    with pytest.raises(NotTheSame, match="answers otherwise"):
        check_answers(file, other, TEXTS)


def test_a_file_of_another_vocabulary_is_found_out(file: Path, spelling: Spelling) -> None:
    other = Spelling.of(
        spelling.pieces[::-1], spelling.scores, dict(zip(spelling.answers, spelling.pages, strict=True))
    )
    with pytest.raises(NotTheSame, match="cuts a text otherwise"):
        check_spelling(file, other, TEXTS)


def test_the_program_asks_it_with_the_tokens_it_was_trained_on(file: Path, spelling: Spelling) -> None:
    turns = [{"role": "user", "content": "add a file"}]
    template = ChatTemplate(TEMPLATE, bos="<|begin|>", eos="<|end|>")
    parts, name = template.render(turns)
    assert name == "model"
    with Answering(file) as answering:
        found = [BEGIN]
        for text, by_template in parts:  # type: ignore[misc]
            found += answering.tokens(text, special=by_template)
        assert found == answering.prompt("add a file")


def test_the_file_says_what_it_is_and_whose_licence_it_has(file: Path) -> None:
    facts = read_facts(file)
    assert (facts.architecture, facts.context_tokens) == ("llama", 2048)
    fields = gguf.GGUFReader(file).fields
    assert fields["general.license"].contents() == "apache-2.0"
    assert fields["general.languages"].contents() == ["en", "ja"]
    assert fields["tokenizer.chat_template"].contents() == TEMPLATE


def test_the_likelihood_of_a_text_is_the_mean_of_its_tokens(file: Path, network: Network) -> None:
    with Answering(file) as answering:
        prompt, text = answering.prompt("add"), answering.tokens("a file")
        (told,) = answering.likelihood(prompt, [text])
    with torch.no_grad():
        said = network(torch.tensor([[*prompt, *text[:-1]]]))[0, len(prompt) - 1 :]
        logarithms = network.scores(said).log_softmax(-1)
    mean = logarithms.gather(1, torch.tensor(text)[:, None]).mean().item()
    assert told == pytest.approx(mean, abs=0.02)


def test_a_guide_that_is_kept_to_sentences_writes_the_likeliest_of_them_from_its_first_token_on(
    file: Path, network: Network
) -> None:
    with Answering(file) as answering:
        prompt = answering.prompt("add")
        sentences = [answering.tokens(text) for text in ("files", "Open Documents", "Open files", "Open files")]
        picked = kept_to(answering, prompt, sentences)
        assert kept_to(answering, prompt, sentences[1:2]) == 0
        scores = answering.begin(prompt)
        first = max({tokens[0] for tokens in sentences}, key=lambda token: scores[token])
        assert sentences[picked][0] == first
