"""A GGUF file that breaks a rule is refused with its reason, before llama.cpp sees it."""

import os
import random
import sys
from pathlib import Path

import pytest

from engine.errors import FileNotReadable, ModelDamaged
from engine.runtime.gguf import read_facts
from engine.types import ModelFacts
from engine.worker.testmodels.making import SHAPES, write
from tests.fakes.gguf_bytes import PLAIN, Parts, Row, Typed, file_bytes, model_bytes
from tests.fakes.gguf_mutants import Mutants
from tests.fakes.plain_user import plain_user

MUTANTS = 400
GEMMA = {"general.architecture": "gemma", "gemma.embedding_length": 8, "gemma.attention.head_count": 2}
QWEN2 = {"general.architecture": "qwen2", "qwen2.embedding_length": 8, "qwen2.attention.head_count": 2}


def refusal(path: Path, content: bytes) -> str:
    """Why the file is refused."""
    path.write_bytes(content)
    with pytest.raises(ModelDamaged) as refused:
        read_facts(path)
    return str(refused.value.why)


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    assert refusal(tmp_path / "m.gguf", b"") == "it is empty"


def test_another_kind_of_file_is_said_to_be_one(tmp_path: Path) -> None:
    assert "does not begin with the letters GGUF" in refusal(tmp_path / "m.gguf", b"PK\x03\x04" + b"\0" * 100)


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match="it is a folder"):
        read_facts(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(ModelDamaged, match="it is not a file"):
        read_facts(tmp_path / "pipe.gguf")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions work differently there")
def test_a_file_without_permission_is_not_readable(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(model_bytes())
    path.chmod(0)
    with plain_user(), pytest.raises(FileNotReadable):
        read_facts(path)


def test_a_cut_file_says_how_much_of_it_is_there(tmp_path: Path) -> None:
    whole = model_bytes(rows=[Row("a", (1000, 1000))])
    assert refusal(tmp_path / "m.gguf", whole[:1_500_000]) == "it is cut short: 1.5 MB of 4.0 MB are there"
    assert refusal(tmp_path / "m.gguf", whole[:300]) == "it is cut short: the file ends inside its header"


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"version": 1}, "of GGUF version 1"),
        ({"version": 0x03000000}, "another byte order"),
        ({"tensor_count": 2**40}, "which cannot be"),
        ({"rows": [Row("a"), Row("a")]}, "there twice"),
        ({"rows": [Row("a", type=31)]}, "unknown type"),
        ({"rows": [Row("a", (5, 4), type=8)], "data_bytes": 4096}, "do not divide into blocks"),
        ({"rows": [Row("a", (2**39, 2**39), type=0)], "data_bytes": 64}, "a size that cannot be"),
        ({"rows": [Row("a", (2**63, 4), type=0)], "data_bytes": 64}, "a size that cannot be"),
        ({"rows": [Row("a", (0, 4))]}, "a size that cannot be"),
        ({"rows": [Row("a", (1, 1, 1, 1, 1))]}, "5 dimensions"),
        ({"rows": [Row("a", at=8)]}, "not where it should be"),
        ({"rows": [Row("a", at=2**40)]}, "not where it should be"),
        ({"rows": [Row("x" * 64)]}, "64 bytes long"),
    ],
)
def test_a_broken_frame_is_refused(tmp_path: Path, parts: dict[str, object], why: str) -> None:
    assert why in refusal(tmp_path / "m.gguf", model_bytes(**parts))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"general.architecture": None}, "does not say of which architecture"),
        ({"general.architecture": 3}, "is not a text"),
        ({"general.alignment": 24}, "not a power of two"),
        ({"general.alignment": Typed("uint64", 32)}, "not a whole number"),
        ({"llama.block_count": 0}, "1 to 512 can be"),
        ({"llama.block_count": 513}, "1 to 512 can be"),
        ({"llama.block_count": "many"}, "is not a whole number"),
        ({"llama.block_count": [1, 2]}, "is not a whole number"),
        ({"llama.block_count": 1.5}, "is not a whole number"),
        ({"llama.context_length": 2**31}, "can be"),
        ({"llama.block_count": 3, "llama.attention.head_count": [1, 1]}, "shorter than its 3 layers"),
        ({"llama.expert_count": 2000}, "0 to 1024 can be"),
        ({"llama.expert_count": 4, "llama.expert_used_count": 8}, "uses 8 of 4 experts"),
        ({**QWEN2, "qwen2.rope.dimension_count": 2}, "is 2, and its heads are 4 wide"),
        ({**GEMMA, "gemma.rope.dimension_count": 6}, "is 6, and an even number of at most 4 can be"),
        ({**GEMMA, "gemma.rope.dimension_count": 3}, "is 3, and an even number of at most 4 can be"),
        ({**QWEN2, "qwen2.attention.value_length": 8}, "are 4 wide for keys and 8 for values"),
        ({"general.architecture": "smallthinker"}, "it has no experts"),
        ({"general.architecture": "paddleocr"}, "'paddleocr.rope.dimension_sections' is missing or empty"),
        ({"general.architecture": "qwen2vl", "qwen2vl.rope.dimension_sections": [0, 0, 0, 0]}, "is missing or empty"),
        ({"llama.rope.scaling.type": "sideways"}, "is unknown"),
        ({"llama.attention.layer_norm_rms_epsilon": -1.0}, "not a usable number"),
        ({"llama.rope.freq_base": float("nan")}, "not a usable number"),
        ({"tokenizer.ggml.tokens": ["a", "b", "a", "c"]}, "holds 'a' twice"),
        ({"tokenizer.ggml.tokens": ["a", "b", "a\0x", "c"]}, "holds 'a' twice"),
        ({"tokenizer.ggml.tokens": ["a", "b"]}, "has 2 entries and its list of scores 4"),
        ({"tokenizer.ggml.tokens": "abc"}, "not a list of texts"),
        ({"tokenizer.ggml.scores": ["a", "b", "c", "d"]}, "of the wrong type"),
        ({"tokenizer.ggml.token_type": [Typed("int32", 1)] * 2}, "list of token_type 2"),
        ({"tokenizer.ggml.model": "llama"}, "no entry for the byte 0x00"),
        ({"tokenizer.ggml.merges": [1, 2]}, "not a list of texts"),
        ({"tokenizer.ggml.eos_token_id": 4}, "the vocabulary has 4 entries"),
        ({"tokenizer.ggml.bos_token_id": "1"}, "is not a whole number"),
        ({"tokenizer.chat_template": 1}, "is not a text"),
        ({"tokenizer.chat_template": "x" * (1 << 21)}, "chat template is far too long"),
        ({"split.count": Typed("uint16", 3)}, "must be named"),
    ],
)
def test_a_value_that_llama_cpp_could_not_bear_is_refused(tmp_path: Path, changed: dict[str, object], why: str) -> None:
    assert why in refusal(tmp_path / "m.gguf", model_bytes(changed))


def test_an_entry_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    entries = [*PLAIN.items(), ("general.name", "again")]
    assert "is there twice" in refusal(tmp_path / "m.gguf", file_bytes(Parts(entries=entries)))


def test_harmless_oddities_are_let_through(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    odd: dict[str, object] = {
        "tokenizer.ggml.tokens": ["", "", "c", "d"],  # llama.cpp names empty ones itself
        "tokenizer.ggml.padding_token_id": 99,  # and passes over this
        "tokenizer.ggml.unknown_token_id": 0xFFFFFFFF,  # "none", as converters write it
        "general.name": b"\xff\xfe",
        "llama.expert_count": 0,
    }
    path.write_bytes(model_bytes(odd))
    assert read_facts(path).vocabulary == 4


@pytest.mark.parametrize(
    "changed",
    [
        {"gemma.rope.dimension_count": 2},  # a part of a head, as many do
        {"gemma.rope.dimension_count": 64, "gemma.attention.key_length": 64},
        {"gemma.rope.dimension_count": 64, "gemma.attention.kv_lora_rank": 512},  # latent attention: a part of its own
        {"gemma.rope.dimension_count": 8, "gemma.attention.key_length_swa": 4, "gemma.rope.dimension_count_swa": 4},
        {"gemma.attention.head_count": [0, 2], "gemma.block_count": 2, "gemma.rope.dimension_count": 64},
        {"general.architecture": "bloom", "bloom.embedding_length": 8, "bloom.attention.head_count": 2,
         "bloom.rope.dimension_count": 6},
    ],
)  # fmt: skip
def test_heads_that_other_architectures_turn_otherwise_are_let_through(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(model_bytes(GEMMA | changed))
    assert read_facts(path).architecture in ("gemma", "bloom")


def test_a_length_that_lies_costs_no_memory(tmp_path: Path) -> None:
    content = bytearray(model_bytes())
    at = content.index(b"Plain") - 8
    content[at : at + 8] = (2**62).to_bytes(8, "little")
    assert "cut short" in refusal(tmp_path / "m.gguf", bytes(content))


def test_no_accident_does_more_than_damage_the_model(tmp_path: Path) -> None:
    write(SHAPES[1], tmp_path / "whole.gguf")
    mutants = Mutants((tmp_path / "whole.gguf").read_bytes(), random.Random(20))
    refused, path = 0, tmp_path / "mutant.gguf"
    for _ in range(MUTANTS):
        path.write_bytes(mutants.next()[1])
        try:
            assert isinstance(read_facts(path), ModelFacts)
        except ModelDamaged:
            refused += 1
    assert refused > MUTANTS / 3
