"""The small files of a checkpoint are believed in nothing: whatever stands there, it is converted or refused."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.errors import TokenizerDiffers
from engine.worker.converter import making
from engine.worker.converter.credits import card
from engine.worker.converter.sources import Damaged, Sources
from tests.fakes.checkpoints import byte_level, checkpoint, sentence_piece

MUTANTS = 40
VALUES: list[Any] = [
    None, 0, -1, 1, 2, True, False, "", "x", [], {}, 1e308, -0.5, 10**12, 10**30,
    "\ud800", ["a"], {"a": 1}, [[1]], 2**31,
]  # fmt: skip
FILES = ("config.json", "config.json", "tokenizer.json", "tokenizer_config.json")


def mutated(said: Any, chance: random.Random) -> Any:
    """The same with one thing in it otherwise, or gone."""
    places: list[tuple[Any, Any]] = []

    def look(at: Any) -> None:
        names = list(at)[:60] if isinstance(at, dict) else range(min(len(at), 40)) if isinstance(at, list) else ()
        for name in names:
            places.append((at, name))
            look(at[name])

    look(said)
    where, name = chance.choice(places)
    if chance.random() < 0.3 and isinstance(where, dict):
        del where[name]
    else:
        where[name] = chance.choice(VALUES)
    return said


@pytest.mark.parametrize("architecture", ["LlamaForCausalLM", "Gemma3ForCausalLM"])
def test_mutated_words_are_refused_in_words_or_do_no_harm(tmp_path: Path, architecture: str) -> None:
    whole, spoilt, chance, refused = tmp_path / "whole", tmp_path / "spoilt", random.Random(6), 0
    checkpoint(whole, architecture, sentence_piece() if architecture.startswith("Gemma") else byte_level("llama-bpe"))
    for _ in range(MUTANTS):
        shutil.rmtree(spoilt, ignore_errors=True)
        shutil.copytree(whole, spoilt)
        path = spoilt / chance.choice(FILES)
        path.write_text(json.dumps(mutated(json.loads(path.read_text(encoding="utf-8")), chance)), encoding="utf-8")
        sources = Sources(str(spoilt), {found.name: str(found) for found in spoilt.iterdir()})
        try:
            _, tried = making.made(sources, tmp_path / "new.gguf", "", "a", "", lambda done, total: None)
        except (Damaged, TokenizerDiffers):
            refused += 1
        else:
            assert tried > 500
    assert 0 < refused < MUTANTS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", {}),
        ("# A model\nlicense: mit\n", {}),
        ("---\nlicense: mit\n", {}),
        ("---\nlicense: mit\n---\nlanguage: en\n", {"license": ["mit"]}),
        ("---\nlanguage: [en, 'ja']\n---\n", {"language": ["en", "ja"]}),
        ("---\nlanguage:\n  - en\n  - \"ja\"\ntags:\n- a\n---\n", {"language": ["en", "ja"], "tags": ["a"]}),
        ("---\nlicense: mit\nmodel-index:\n- x\nmore text\n- y\n---\n", {"license": ["mit"]}),
        ("---\na: &a [x, x]\nb: *a\n---\n", {"a": ["&a [x", "x"], "b": ["*a"]}),
        ("---\nlicense_link: https://example.org/a\n---\n", {"license_link": ["https://example.org/a"]}),
    ],
)  # fmt: skip
def test_of_a_model_card_only_plain_entries_are_read(text: str, said: dict[str, list[str]]) -> None:
    assert card(text) == said
