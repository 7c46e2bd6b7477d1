"""What the header of a GGUF file says, and what a file is for."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import FileMissing, ModelDamaged, ModelNotForChat
from engine.loading import LoadOptions, possible
from engine.runtime.fit import fit, free_bytes
from engine.runtime.gguf import must_chat, read_facts
from engine.runtime.working import step_bytes, vocabulary_bytes
from engine.types import ModelFacts
from engine.worker.testmodels.making import SHAPES, write
from tests.fakes.gguf_bytes import Row, Typed, model_bytes
from tests.fakes.tiny_gguf import CONVOLUTION, EMBEDDING, LAYERS, STATE, tiny_model

GB = 10**9
WIDE: dict[str, object] = {"llama.embedding_length": 64}  # one head, which divides into blocks


def facts_of(tmp_path: Path, changed: dict[str, object] | None = None, **parts: object) -> ModelFacts:
    path = tmp_path / "some model.gguf"
    path.write_bytes(model_bytes(changed, **parts))
    return read_facts(path)


def test_the_facts_of_a_model_are_those_it_was_written_with(tmp_path: Path) -> None:
    write(SHAPES[1], tmp_path / "m.gguf")
    facts = read_facts(tmp_path / "m.gguf")
    assert (facts.architecture, facts.quantization, facts.use) == ("llama", "F16", "chat")
    assert facts.name == "Hanare test model, smaller (writes noise)"
    assert (facts.context_tokens, facts.layers, facts.embedding) == (2048, 2, 64)
    assert facts.size_bytes == (tmp_path / "m.gguf").stat().st_size
    assert facts.parameters * 2 < facts.tensor_bytes < facts.size_bytes  # 16 bits a weight, norms 32
    assert facts.key_numbers == facts.value_numbers == 2 * 64  # layers, width
    assert facts.template is not None
    assert "<|im_start|>" in facts.template


def test_grouped_heads_make_the_context_cheaper(tmp_path: Path) -> None:
    shape = {"llama.embedding_length": 4096, "llama.block_count": 32, "llama.attention.head_count": 32}
    assert facts_of(tmp_path, {**shape, "llama.attention.head_count_kv": 8}).key_numbers == 32 * 1024


def test_layers_without_attention_keep_nothing(tmp_path: Path) -> None:
    shape = {"llama.block_count": 4, "llama.attention.head_count_kv": [0, 2, 0, 2], "llama.attention.head_count": 2}
    assert facts_of(tmp_path, {**shape, "llama.embedding_length": 64}).key_numbers == 4 * 32


def test_latent_attention_keeps_one_compressed_row_a_layer(tmp_path: Path) -> None:
    changed = {
        "llama.block_count": 27, "llama.attention.head_count": 16, "llama.attention.head_count_kv": 1,
        "llama.attention.key_length": 576, "llama.attention.value_length": 512,
        "llama.attention.key_length_mla": 192, "llama.attention.kv_lora_rank": 512, "llama.rope.dimension_count": 64,
    }  # fmt: skip
    facts = facts_of(tmp_path, changed)
    assert (facts.key_numbers, facts.value_numbers) == (27 * 576, 0)


@pytest.mark.parametrize(
    ("file_type", "tensor_type", "name"),
    [
        (15, 12, "Q4_K_M"),
        (1024 + 15, 12, "Q4_K_M"),
        (0, 12, "Q4_K"),
        (None, 14, "Q6_K"),
        (15, 1, "F16"),
        (99, 0, "F32"),
    ],
)
def test_the_quantization_is_the_one_claimed_unless_the_weights_say_otherwise(
    tmp_path: Path, file_type: int | None, tensor_type: int, name: str
) -> None:
    rows = [Row("token_embd.weight", (256, 4), tensor_type)]
    assert facts_of(tmp_path, {"general.file_type": file_type}, rows=rows, data_bytes=8192).quantization == name


def test_a_model_without_a_name_is_called_as_its_file(tmp_path: Path) -> None:
    assert facts_of(tmp_path, {"general.name": None}).name == "some model"


def test_a_name_is_shown_on_one_line_and_not_at_any_length(tmp_path: Path) -> None:
    name = facts_of(tmp_path, {"general.name": "A\nmodel\u202e\x1b[31m " + "x" * 5000}).name
    assert name.startswith("A model")
    assert name.isprintable()
    assert len(name) <= 120


@pytest.mark.parametrize(
    ("changed", "rows", "use"),
    [
        ({}, [], "vocabulary"),
        ({"general.architecture": "bert", "bert.block_count": 2}, None, "embedding"),
        ({"llama.attention.causal": False}, None, "embedding"),
        ({"llama.pooling_type": 1}, None, "embedding"),
        ({"general.architecture": "clip"}, None, "vision"),
        (
            {"general.type": "adapter", "adapter.type": "lora"},
            [Row("blk.0.attn_q.weight.lora_a", (4, 2)), Row("blk.0.attn_q.weight.lora_b", (2, 4))],
            "adapter",
        ),
        ({"general.architecture": "llada"}, None, "diffusion"),
    ],
)
def test_a_file_that_cannot_chat_says_what_it_is(
    tmp_path: Path, changed: dict[str, object], rows: list[Row] | None, use: str
) -> None:
    facts = facts_of(tmp_path, changed, **({} if rows is None else {"rows": rows}))
    assert facts.use == use
    with pytest.raises(ModelNotForChat):
        must_chat(tmp_path / "some model.gguf", facts)


def test_a_chat_model_may_chat(tmp_path: Path) -> None:
    must_chat(tmp_path / "m.gguf", facts_of(tmp_path))


def test_a_model_in_parts_is_read_through_its_first(tmp_path: Path) -> None:
    split: dict[str, object] = {"split.count": Typed("uint16", 2), "split.tensors.count": Typed("int32", 4)}
    first, second = tmp_path / "big-00001-of-00002.gguf", tmp_path / "big-00002-of-00002.gguf"
    first.write_bytes(model_bytes({**split, "split.no": Typed("uint16", 0)}))
    with pytest.raises(ModelDamaged, match="big-00002-of-00002.gguf is missing"):
        read_facts(first)
    rows = [Row("blk.0.a"), Row("blk.0.b")]
    second.write_bytes(model_bytes({**split, "split.no": Typed("uint16", 1)}, rows=rows))
    facts = read_facts(first)
    assert facts.parts == 2
    assert facts.size_bytes == first.stat().st_size + second.stat().st_size
    with pytest.raises(ModelDamaged, match="part 2 of 2; open the first part"):
        read_facts(second)
    second.write_bytes(second.read_bytes()[:-50])
    with pytest.raises(ModelDamaged, match="cut short"):
        read_facts(first)


def test_every_vocabulary_file_can_be_inspected(shared: Path) -> None:
    files = sorted((shared / "data" / "vocab").glob("*.gguf"))
    assert files
    for file in files:
        facts = read_facts(file)
        assert facts.use == "vocabulary"
        assert facts.vocabulary > 30_000
        assert facts.parameters == 0


def test_every_vocabulary_file_cut_anywhere_is_refused(shared: Path, tmp_path: Path) -> None:
    rng = random.Random(7)
    for file in (shared / "data" / "vocab").glob("*.gguf"):
        cut = tmp_path / file.name
        shutil.copyfile(file, cut)
        cut.chmod(0o600)
        for _ in range(3):
            with cut.open("r+b") as opened:
                opened.truncate(rng.randrange(cut.stat().st_size))
            with pytest.raises(ModelDamaged):
                read_facts(cut)


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        read_facts(tmp_path / "nothing.gguf")


def test_the_need_is_weights_and_context_and_working_space(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    short, long = (fit(facts, LoadOptions(context_tokens=tokens)) for tokens in (128, 256))
    assert short.need_bytes == short.weights_bytes + short.context_bytes + short.working_bytes
    assert short.weights_bytes == facts.tensor_bytes
    assert long.context_bytes == 2 * short.context_bytes == 256 * 2 * (facts.key_numbers + facts.value_numbers)
    assert 0 < long.free_bytes <= free_bytes() + GB
    assert long.fits


def test_a_smaller_cache_makes_the_context_cheaper(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {"llama.context_length": 4096, **WIDE})
    plain = fit(facts, LoadOptions()).context_bytes
    assert plain == 4096 * 2 * (facts.key_numbers + facts.value_numbers)
    assert fit(facts, LoadOptions(key_cache="q8_0", value_cache="q8_0")).context_bytes == plain * 34 // 64
    assert fit(facts, LoadOptions(value_cache="q4_0")).context_bytes == plain // 2 + plain // 2 * 18 // 64


def test_a_cache_that_does_not_divide_a_head_is_kept_as_it_is(tmp_path: Path) -> None:
    odd = facts_of(tmp_path, {"llama.context_length": 4096, "llama.embedding_length": 80})
    smaller = LoadOptions(key_cache="q8_0", value_cache="q4_0")
    assert possible(smaller, odd) == LoadOptions()
    assert fit(odd, smaller).context_bytes == fit(odd, LoadOptions()).context_bytes
    assert possible(smaller, facts_of(tmp_path, WIDE)) == smaller


def test_without_flash_attention_the_work_space_grows_with_heads_and_context(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {"llama.context_length": 4096, **WIDE})
    more = fit(facts, LoadOptions(flash_attention="off")).working_bytes - fit(facts, LoadOptions()).working_bytes
    assert more == 512 * (facts.heads * 4096 * 6 - 3 * facts.feed_forward * 4)  # in the place of the network's rows


def test_a_recurrent_model_has_a_state_for_each_conversation_and_no_cache(tmp_path: Path) -> None:
    facts = tiny_model(tmp_path / "mamba.gguf", architecture="mamba").facts
    convolution, state = (CONVOLUTION - 1) * 2 * EMBEDDING, STATE * 2 * EMBEDDING
    assert facts.state_bytes == LAYERS * (convolution + state) * 4
    assert facts.key_numbers == facts.value_numbers == 0


def test_no_more_context_is_counted_than_the_model_knows(tmp_path: Path) -> None:
    assert fit(facts_of(tmp_path), LoadOptions(context_tokens=100_000)).context_tokens == 256


def test_layers_that_look_a_little_way_back_have_heads_of_their_own_width(tmp_path: Path) -> None:
    changed = {
        "llama.block_count": 5, "llama.attention.head_count": 8, "llama.attention.head_count_kv": 2,
        "llama.attention.key_length": 512, "llama.attention.value_length": 512,
        "llama.attention.key_length_swa": 256, "llama.attention.value_length_swa": 256,
        "llama.attention.sliding_window": 512, "llama.rope.dimension_count": 512,
        "llama.attention.sliding_window_pattern": [1, 1, 0, 1, 0],
    }  # fmt: skip
    facts = facts_of(tmp_path, changed)
    assert facts.windowed
    assert facts.key_numbers == facts.value_numbers == 2 * (3 * 256 + 2 * 512)
    shared = facts_of(tmp_path, {**changed, "llama.attention.shared_kv_layers": 2})
    assert shared.key_numbers == 2 * (2 * 256 + 512)  # the last two look where others have looked


def test_layers_that_only_guess_ahead_keep_nothing(tmp_path: Path) -> None:
    shape = {"llama.block_count": 4, "llama.embedding_length": 64}
    plain = facts_of(tmp_path, shape)
    assert facts_of(tmp_path, {**shape, "llama.nextn_predict_layers": 1}).key_numbers == plain.key_numbers * 3 // 4


def test_a_layer_that_is_all_feed_forward_has_no_state(tmp_path: Path) -> None:
    changed = {
        "general.architecture": "nemotron_h", "nemotron_h.context_length": 256, "nemotron_h.embedding_length": 64,
        "nemotron_h.block_count": 4, "nemotron_h.attention.head_count": 2,
        "nemotron_h.attention.head_count_kv": [0, 0, 2, 0], "nemotron_h.feed_forward_length": [0, 128, 0, 128],
        "nemotron_h.attention.layer_norm_rms_epsilon": 1e-5, "nemotron_h.ssm.conv_kernel": 4,
        "nemotron_h.ssm.inner_size": 128, "nemotron_h.ssm.state_size": 16, "nemotron_h.ssm.group_count": 1,
    }  # fmt: skip
    facts = facts_of(tmp_path, changed)
    assert facts.state_bytes == (3 * (128 + 2 * 16) + 16 * 128) * 4
    assert facts.key_numbers == 64


def test_of_a_table_that_is_only_looked_up_in_a_row_counts_for_each_token(tmp_path: Path) -> None:
    words, layers, output = (
        Row("token_embd.weight", (4, 1000)), Row("per_layer_token_embd.weight", (8, 1000)),
        Row("output.weight", (4, 1000)),
    )  # fmt: skip
    tied = facts_of(tmp_path, rows=[words])
    assert (tied.table_bytes, tied.table_row_bytes) == (0, 0)
    assert fit(tied, LoadOptions()).weights_bytes == tied.tensor_bytes
    facts = facts_of(tmp_path, rows=[words, layers, output])
    assert (facts.table_bytes, facts.table_row_bytes) == (12 * 4 * 1000, 12 * 4)
    assert fit(facts, LoadOptions(context_tokens=128)).weights_bytes == 4 * 4 * 1000 + 128 * 12 * 4
    assert fit(replace(facts, context_tokens=4096), LoadOptions()).weights_bytes == facts.tensor_bytes


def test_the_merges_of_a_vocabulary_are_counted(tmp_path: Path) -> None:
    merges = ["a b", "b c", "ab c"]
    facts = facts_of(tmp_path, {"tokenizer.ggml.merges": merges})
    assert facts.merges == 3
    assert vocabulary_bytes(facts) - vocabulary_bytes(replace(facts, merges=0)) == 3 * 150


# What llama.cpp itself logged as its "compute buffer size", with 31 picks and a batch of 512.
@pytest.mark.parametrize(
    ("facts", "context_tokens", "mib"),
    [
        ({"embedding": 576, "heads": 9, "key_width": 64, "feed_forward": 1536, "vocabulary": 49152}, 4096, 17.51),
        ({"embedding": 896, "heads": 14, "key_width": 64, "feed_forward": 4864, "vocabulary": 151936}, 4096, 39.51),
        ({"embedding": 2048, "heads": 32, "key_width": 64, "feed_forward": 8192, "vocabulary": 128256}, 16384, 80.01),
        ({"embedding": 2560, "heads": 32, "key_width": 128, "feed_forward": 6912, "vocabulary": 32000}, 4096, 67.51),
        ({"embedding": 640, "heads": 4, "key_width": 256, "feed_forward": 2048, "vocabulary": 262144,
          "windowed": True}, 8192, 33.77),
        ({"embedding": 1152, "heads": 4, "key_width": 256, "feed_forward": 6912, "vocabulary": 262144,
          "windowed": True}, 16384, 81.27),
        ({"embedding": 1024, "heads": 16, "key_width": 64, "feed_forward": 4096, "vocabulary": 49152}, 4096, 36.01),
        ({"embedding": 64, "heads": 1, "key_width": 64, "feed_forward": 128, "vocabulary": 262144}, 512, 31.0),
    ],
)  # fmt: skip
def test_the_work_space_is_what_llama_cpp_reserves(
    tmp_path: Path, facts: dict[str, int], context_tokens: int, mib: float
) -> None:
    shape = replace(facts_of(tmp_path), **facts)
    assert step_bytes(shape, 512, context_tokens, 31) == pytest.approx(mib * 2**20, rel=0.01)
