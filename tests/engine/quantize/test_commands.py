"""`hanare models quantize` and `importance`."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Engine
from engine.errors import TextNotAccepted
from engine.quantizations import QUANTIZATIONS
from engine.types import Model


def said(engine: Engine, *words: str, wants_json: bool = False) -> str:
    """What the command writes."""
    given, out, err = parser().parse_args(["models", *words]), io.StringIO(), io.StringIO()
    assert given.run(engine, given, Screen(wants_json=wants_json, out=out, err=err)) == 0
    return out.getvalue() if wants_json else out.getvalue() + err.getvalue()


def document(engine: Engine, *words: str) -> Any:
    """The JSON that it writes."""
    return json.loads(said(engine, *words, wants_json=True))


def test_without_a_type_every_form_is_shown_with_its_size_and_when_to_take_it(engine: Engine, whole: Model) -> None:
    text = said(engine, "quantize", whole.name)
    assert all(f" {name} " in text for name in QUANTIZATIONS)
    assert "The usual choice" in text
    sizes = document(engine, "quantize", whole.name)["sizes"]
    assert {one["quantization"] for one in sizes} == set(QUANTIZATIONS)
    assert all(one["size_bytes"] and one["advice"] and one["bits"] for one in sizes)


def test_a_model_is_made_by_its_name_and_told_with_both_sizes(engine: Engine, whole: Model, tmp_path: Path) -> None:
    assert said(engine, "quantize", whole.name, "q4_k_m").startswith("Made: whole-Q4_K_M (Q4_K_M, ")
    told = document(engine, "quantize", whole.name, "Q8_0", "--output", str(tmp_path / "mine.gguf"))
    assert told["path"] == str(tmp_path / "mine.gguf")
    assert told["made"]["parent"] == whole.name


def test_a_recipe_can_be_written(engine: Engine, whole: Model) -> None:
    words = ("--tensor", "attn_v=Q8_0", "--output-tensor", "F16", "--embedding", "q8_0", "--prune", "2, 1")
    made = document(engine, "quantize", whole.name, "Q4_0", *words)["made"]
    assert made["recipe"] == {
        "quantization": "Q4_0", "tensors": [["attn_v", "q8_0"]], "output": "f16", "embedding": "q8_0",
        "pruned": [1, 2], "again": False,
    }  # fmt: skip


def test_who_leaves_layers_out_is_told_what_that_means(engine: Engine, whole: Model) -> None:
    assert "mostly worse" in said(engine, "quantize", whole.name, "Q8_0", "--prune", "1")


@pytest.mark.parametrize("words", [["--tensor", "attn_v"], ["--prune", "one"], ["--tensor", "a=q17"]])
def test_what_is_not_written_as_it_has_to_be_is_refused(engine: Engine, whole: Model, words: list[str]) -> None:
    with pytest.raises(TextNotAccepted):
        said(engine, "quantize", whole.name, "Q8_0", *words)


def test_a_matrix_is_measured_kept_and_used(engine: Engine, whole: Model, text_file: Path, tmp_path: Path) -> None:
    matrix = tmp_path / "matrix.gguf"
    words = ("--text", str(text_file), "--chunks", "2")
    told = document(engine, "importance", whole.name, "--output", str(matrix), *words)
    assert told == {"model": whole.id, "path": str(matrix), "chunks": 2}
    used = document(engine, "quantize", whole.name, "Q2_K_S", "--matrix", str(matrix))
    assert used["made"]["importance"] == "matrix.gguf"
    at_once = document(engine, "quantize", whole.name, "Q2_K_S", *words)
    assert at_once["made"]["importance"] == "the text of words.txt"


def test_what_a_smaller_model_lost_is_measured_and_said_in_a_sentence(
    engine: Engine, whole: Model, text_file: Path
) -> None:
    said(engine, "quantize", whole.name, "q4_0")
    words = ("measure", "whole-Q4_0", "--text", str(text_file), "--chunks", "2")
    text = said(engine, *words)
    assert "of the size of whole-F16, whole-Q4_0 chooses the same word" in text
    assert "Measured with the text of words.txt: 510 places in 2 pieces." in text
    told = document(engine, *words)
    assert (told["small"]["name"], told["large"]["name"], told["words"]) == ("whole-Q4_0", "whole-F16", 510)
    assert told["share"] == told["small"]["size_bytes"] / told["large"]["size_bytes"]
    assert {"divergence", "divergence_99", "same", "measured_at", "llama_cpp"} <= told.keys()


def test_another_model_and_another_text_can_be_named(engine: Engine, whole: Model, text_file: Path) -> None:
    said(engine, "quantize", whole.name, "q8_0")
    said(engine, "quantize", whole.name, "q4_0")
    told = document(engine, "measure", "whole-Q4_0", "--against", "whole-Q8_0", "--chunks", "2")
    assert (told["large"]["name"], told["text"]) == ("whole-Q8_0", "the sample text")
    with pytest.raises(TextNotAccepted, match="there is none"):
        said(engine, "measure", "whole-Q4_0", "--chats")
