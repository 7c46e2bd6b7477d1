"""`hanare models inspect` and `fit`, on models of the library and on files that are none."""

import io
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Engine
from engine.errors import FileMissing, ModelDamaged, NotFound
from engine.loading import LoadOptions
from engine.models import prospects
from engine.runtime import fit as memory_fit
from engine.runtime.paces import Speeds
from engine.types import Model, Speed
from tests.fakes.gguf_bytes import Row, model_bytes
from tests.fakes.tiny_gguf import write

AddModel = Callable[..., Model]


@pytest.fixture(autouse=True)
def small_models_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here all models are."""
    monkeypatch.setattr(prospects, "LEAST_BYTES", 1)


def run(engine: Engine, *words: str) -> str:
    """What a command wrote."""
    given, out = parser().parse_args(words), io.StringIO()
    assert given.run(engine, given, Screen(wants_json=getattr(given, "json", False), out=out)) == 0
    return out.getvalue()


def test_a_file_outside_the_library_is_inspected_and_not_added(engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "stranger.gguf")
    told = run(engine, "models", "inspect", str(path))
    assert "grouped, 4 heads on 2 of keys and values" in told
    assert "bits a weight: 99.7% F16, 0.3% F32" in told
    assert "the plain template of ChatML" in told
    assert engine.models.all() == ()


def test_a_mixed_model_is_told_with_its_window_its_state_and_its_positions(engine: Engine, tmp_path: Path) -> None:
    windowed = run(engine, "models", "inspect", str(write(tmp_path / "w.gguf", architecture="cohere2")))
    assert "3 of 4 layers look 32 tokens back" in windowed
    mixed = run(engine, "models", "inspect", str(write(tmp_path / "m.gguf", architecture="lfm2")))
    assert "in 1 of 2 layers" in mixed
    state = run(engine, "models", "inspect", str(write(tmp_path / "s.gguf", architecture="mamba")))
    assert "Attention:          none" in state
    assert "Positions:          none" in state


def test_everything_a_card_holds_is_in_the_document(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "one.gguf"
    entries = {
        "general.license": "mit", "llama.expert_count": 4, "llama.expert_used_count": 2, "llama.rope.freq_base": 1e6,
        "llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": 2.0,
        "llama.rope.scaling.original_context_length": 128, "quantize.imatrix.file": "ume.dat",
        "quantize.imatrix.dataset": "letters.txt", "quantize.imatrix.chunks_count": 9,
    }  # fmt: skip
    path.write_bytes(model_bytes(entries))
    told = run(engine, "models", "inspect", str(path))
    for words in (
        "2 of 4 for each token", "base 1,000,000, stretched by 2 from 128 tokens (linear)", "Licence:            mit",
        "ume.dat, measured with letters.txt (9 pieces)",
    ):  # fmt: skip
        assert words in told
    document = json.loads(run(engine, "models", "inspect", str(path), "--json", "--sha256"))
    assert document["card"]["terms"]["experts_used"] == 2
    assert document["card"]["origin"]["license"] == "mit"
    assert document["checksum"]["files"] == [["one.gguf", sha256(path.read_bytes()).hexdigest()]]
    assert document["fit"]["fits"] is True


def test_tensors_that_differ_and_the_changed_lines_of_a_template_are_listed_on_request(
    engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "one.gguf"
    rows = [Row("token_embd.weight", (64, 64)), Row("output_norm.weight", (4,)), Row("blk.0.ffn_up.weight", (4, 4), 1)]
    path.write_bytes(model_bytes({"tokenizer.chat_template": "{{ '<|im_start|>\x1b[31m' }}"}, rows=rows))
    told = run(engine, "models", "inspect", str(path), "--tensors", "--diff")
    assert "  F16      blk.*.ffn_up.weight" in told
    assert "+{{ '<|im_start|>" in told
    assert "\x1b" not in told


def test_a_damaged_a_missing_and_an_unknown_model_are_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(model_bytes()[:50])
    for command in ("inspect", "fit"):
        with pytest.raises(ModelDamaged):
            run(engine, "models", command, str(tmp_path / "bad.gguf"))
        with pytest.raises(FileMissing):
            run(engine, "models", command, str(tmp_path / "none.gguf"))
        with pytest.raises(NotFound):
            run(engine, "models", command, "nobody")


def test_a_fit_is_reckoned_for_another_context_and_cache_and_nothing_is_set(
    engine: Engine, add_model: AddModel
) -> None:
    model = add_model("plum")
    usual = json.loads(run(engine, "models", "fit", "plum", "--json"))
    small = json.loads(run(engine, "models", "fit", "plum", "--context", "512", "--kv", "q4_0", "--json"))
    assert (usual["context_tokens"], usual["key_cache"]) == (2048, "f16")
    assert (small["context_tokens"], small["value_cache"]) == (512, "f16")  # its heads are too narrow for q4_0
    assert small["reckoned_bytes"] < usual["reckoned_bytes"]
    assert small["expected"]["writing"] > 0
    assert engine.models.get(model.id).loading == {}
    assert "It may write" in run(engine, "models", "fit", "plum")


def test_a_fit_tells_what_was_measured_and_how_far_off_the_estimate_was(engine: Engine, add_model: AddModel) -> None:
    model, other = add_model("plum"), add_model("ume")
    speeds = Speeds(engine._store.models)
    for ran, per_s in ((model, 80.0), (other, 100.0)):
        speed = Speed(tokens=64, tokens_per_s=per_s, prompt_tokens=100, reading_tokens_per_s=500.0)
        speeds.keep(ran, LoadOptions(), speed, on_card=False)
    reckoned = engine.models.need(model).reckoned_bytes
    engine.runtime._peaks.keep(model, LoadOptions(), 2 * reckoned)
    told = run(engine, "models", "fit", "plum")
    assert "its header alone tells" in told
    assert "50% too little" in told
    assert "writes about 100.0 tokens a second, reads about 500, by how fast ume was here" in told
    assert "it wrote 80.0 tokens a second; the estimate is 25% too much" in told


def test_a_model_that_does_not_fit_is_told_with_what_would(
    engine: Engine, add_model: AddModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model("plum")
    small = json.loads(run(engine, "models", "fit", "plum", "--context", "512", "--json"))["reckoned_bytes"]
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: small + 1000)
    told = run(engine, "models", "fit", "plum")
    assert "does not fit" in told
    assert "With a context length of" in told
