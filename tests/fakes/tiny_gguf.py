"""A real GGUF model of a few hundred kilobytes: real machinery, random weights, writes noise.

    model = tiny_model(tmp_path / "tiny.gguf")

llama.cpp loads it in about 50 ms. Its vocabulary is all 256 bytes, printable ASCII, and the
control tokens of ChatML, so that any text can be told to it and any byte can come back.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from engine.runtime.gguf import read_facts
from engine.types import Model, ModelOrigin

EMBEDDING, LAYERS, HEADS, KV_HEADS, FEED_FORWARD, CONTEXT = 64, 2, 4, 2, 128, 2048
WINDOW = 32  # of "cohere2": three of its four layers look no further back
CONVOLUTION, STATE, STEPS = 4, 8, 4  # of "mamba"
SHORT_CONVOLUTION = 3  # of "lfm2": its first layer remembers two tokens, its second looks at all
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TOKENS = (
    ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
    + [f"<0x{byte:02X}>" for byte in range(256)]
    + ["\u2581"]
    + [chr(code) for code in range(33, 127)]
)
KINDS = [2, 3, 3, 3, 3] + [6] * 256 + [1] * 95


def write(
    path: Path,
    *,
    seed: int = 0,
    template: str | None = CHATML,
    chatml_kind: int = 3,
    sampling: Mapping[str, float | int | str] | None = None,
    architecture: str = "llama",
    form: type[np.floating] = np.float16,
    added: Mapping[str, NDArray[np.float32]] = {},
) -> Path:
    """Write the file; the same seed gives the same bytes.

    `chatml_kind` is what the file calls ChatML's tokens: 3 control, 4 user-defined. `sampling` is what its
    maker recommends, by the last word of each key. `architecture` is "llama", "cohere2", which has a sliding
    window, "mamba", which is recurrent, "lfm2", which is both recurrent and not, or "qwen2vl", which places pictures
    in two dimensions. `form` is what its matrices are kept in; `added` is added to them first.
    """
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_name(f"tiny {seed}")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(EMBEDDING)
    layers = 2 * LAYERS if architecture == "cohere2" else LAYERS
    writer.add_block_count(layers)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv([0, KV_HEADS] if architecture == "lfm2" else KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(EMBEDDING // HEADS)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(TOKENS)
    writer.add_token_scores([0.0] * len(TOKENS))
    writer.add_token_types([*KINDS[:3], chatml_kind, chatml_kind, *KINDS[5:]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_eot_token_id(4)
    writer.add_add_bos_token(True)
    writer.add_vocab_size(len(TOKENS))
    if template is not None:
        writer.add_chat_template(template)

    for word, value in (sampling or {}).items():
        add = {int: writer.add_int32, float: writer.add_float32, str: writer.add_string}[type(value)]
        add(f"general.sampling.{word}", value)
    if architecture == "cohere2":
        writer.add_sliding_window(WINDOW)
        writer.add_logit_scale(1.0)
        writer.add_layer_norm_eps(1e-5)
    if architecture == "qwen2vl":
        writer.add_rope_dimension_sections([4, 2, 2, 0])
    if architecture == "mamba":
        writer.add_ssm_conv_kernel(CONVOLUTION)
        writer.add_ssm_inner_size(2 * EMBEDDING)
        writer.add_ssm_state_size(STATE)
        writer.add_ssm_time_step_rank(STEPS)

    if architecture == "lfm2":
        writer.add_shortconv_l_cache(SHORT_CONVOLUTION)

    def matrix(name: str, rows: int, columns: int) -> None:
        values = rng.standard_normal((rows, columns), dtype=np.float32) * np.float32(0.2)
        writer.add_tensor(name, (values + added[name] if name in added else values).astype(form))

    matrix("token_embd.weight", len(TOKENS), EMBEDDING)
    output_norm = "token_embd_norm" if architecture == "lfm2" else "output_norm"
    writer.add_tensor(f"{output_norm}.weight", np.ones(EMBEDDING, np.float32))
    for layer in range(layers):
        part = f"blk.{layer}."
        for norm in ("attn_norm",) if architecture in ("cohere2", "mamba") else ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{part}{norm}.weight", np.ones(EMBEDDING, np.float32))
        if architecture == "mamba":
            _recurrent(writer, matrix, part)
            continue
        if architecture == "lfm2" and layer == 0:
            _convolution(writer, matrix, part)
        else:
            _attention(matrix, part)
        if architecture == "qwen2vl":
            for name, width in (("attn_q", EMBEDDING), ("attn_k", EMBEDDING // 2), ("attn_v", EMBEDDING // 2)):
                writer.add_tensor(f"{part}{name}.bias", np.zeros(width, np.float32))
        if architecture == "lfm2" and layer > 0:
            for norm in ("attn_q_norm", "attn_k_norm"):
                writer.add_tensor(f"{part}{norm}.weight", np.ones(EMBEDDING // HEADS, np.float32))
        matrix(part + "ffn_gate.weight", FEED_FORWARD, EMBEDDING)
        matrix(part + "ffn_up.weight", FEED_FORWARD, EMBEDDING)
        matrix(part + "ffn_down.weight", EMBEDDING, FEED_FORWARD)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _attention(matrix: Callable[[str, int, int], None], part: str) -> None:
    """The weights of one layer of attention."""
    matrix(part + "attn_q.weight", EMBEDDING, EMBEDDING)
    matrix(part + "attn_k.weight", EMBEDDING // HEADS * KV_HEADS, EMBEDDING)
    matrix(part + "attn_v.weight", EMBEDDING // HEADS * KV_HEADS, EMBEDDING)
    matrix(part + "attn_output.weight", EMBEDDING, EMBEDDING)


def _convolution(writer: gguf.GGUFWriter, matrix: Callable[[str, int, int], None], part: str) -> None:
    """The weights of one short convolution of LFM2."""
    matrix(part + "shortconv.in_proj.weight", 3 * EMBEDDING, EMBEDDING)
    matrix(part + "shortconv.out_proj.weight", EMBEDDING, EMBEDDING)
    rising = np.linspace(0.5, 1.0, EMBEDDING, dtype=np.float32)
    kernel = np.outer(rising, np.linspace(-1, 1, SHORT_CONVOLUTION)).astype(np.float32)
    writer.add_tensor(part + "shortconv.conv.weight", kernel)


def _recurrent(writer: gguf.GGUFWriter, matrix: Callable[[str, int, int], None], part: str) -> None:
    """The weights of one layer of Mamba."""
    inner = 2 * EMBEDDING
    matrix(part + "ssm_in.weight", 2 * inner, EMBEDDING)
    matrix(part + "ssm_x.weight", STEPS + 2 * STATE, inner)
    matrix(part + "ssm_out.weight", EMBEDDING, inner)
    rising = np.linspace(0.1, 1.0, inner, dtype=np.float32)
    writer.add_tensor(part + "ssm_conv1d.weight", np.outer(rising, np.linspace(-1, 1, CONVOLUTION)).astype(np.float32))
    writer.add_tensor(part + "ssm_conv1d.bias", np.zeros(inner, np.float32))
    writer.add_tensor(part + "ssm_dt.weight", np.outer(rising, np.ones(STEPS)).astype(np.float32))
    writer.add_tensor(part + "ssm_dt.bias", np.zeros(inner, np.float32))
    writer.add_tensor(part + "ssm_a", -np.outer(np.ones(inner), np.arange(1, STATE + 1)).astype(np.float32))
    writer.add_tensor(part + "ssm_d", np.ones(inner, np.float32))


def tiny_model(path: Path, *, id: int = 1, **made: Any) -> Model:
    """Write a file as `write` does and return the `Model` that a library would hold for it."""
    write(path, **made)
    facts = read_facts(path)
    return Model(
        id=id, name=path.stem, path=path, origin=ModelOrigin.DISK, facts=facts, added_at="2026-01-01T00:00:00Z"
    )
