"""What a model is: its card, from the header alone, and what the library knows beside it."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from engine.errors import Cancelled, FileMissing, ModelDamaged
from engine.events import Progressed
from engine.models import Models, cards
from engine.models.templates import lines_of
from engine.operation import Cancel, finish
from engine.quantizations import Recipe
from engine.runtime.gguf_card import read_card
from engine.types import Against, Attention, Made, ModelCard, Positions, Terms
from tests.fakes.gguf_bytes import Row, model_bytes
from tests.fakes.tiny_gguf import CHATML, write
from tests.fakes.tiny_lora import Lora

HEADS = {"llama.embedding_length": 64, "llama.attention.head_count": 8}


def card_of(tmp_path: Path, changed: dict[str, object] | None = None, rows: Sequence[Row] | None = None) -> ModelCard:
    path = tmp_path / "some.gguf"
    path.write_bytes(model_bytes(changed, **({} if rows is None else {"rows": list(rows)})))
    return read_card(path)


def terms_of(tmp_path: Path, changed: dict[str, object], rows: Sequence[Row] | None = None) -> Terms:
    return card_of(tmp_path, changed, rows).terms


# --- how it is built ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kv_heads", "attention"), [(8, Attention.FULL), (2, Attention.GROUPED), (1, Attention.MULTI_QUERY)]
)
def test_heads_that_share_keys_are_told_from_heads_that_do_not(
    tmp_path: Path, kv_heads: int, attention: Attention
) -> None:
    terms = terms_of(tmp_path, {**HEADS, "llama.attention.head_count_kv": kv_heads})
    assert (terms.attention, terms.heads, terms.kv_heads, terms.head_width) == (attention, 8, kv_heads, 8)


def test_latent_attention_is_told_with_the_width_of_its_row(tmp_path: Path) -> None:
    changed = {
        **HEADS, "llama.attention.head_count_kv": 1, "llama.attention.kv_lora_rank": 16,
        "llama.attention.key_length_mla": 24, "llama.rope.dimension_count": 8,
    }  # fmt: skip
    terms = terms_of(tmp_path, changed)
    assert (terms.attention, terms.latent_width) == (Attention.LATENT, 16)


@pytest.mark.parametrize(
    ("pattern", "windowed"),
    [(None, 0), ([True, True, True, False] * 2, 6), (4, 6)],
)
def test_a_window_is_told_with_the_layers_that_look_through_it(tmp_path: Path, pattern: object, windowed: int) -> None:
    changed = {
        **HEADS, "llama.block_count": 8, "llama.attention.sliding_window": 512,
        "llama.attention.sliding_window_pattern": pattern,
    }  # fmt: skip
    terms = terms_of(tmp_path, changed)
    assert (terms.window_tokens, terms.windowed) == (512, windowed)


def test_experts_are_told_with_how_many_are_asked_and_only_those_count_for_a_token(tmp_path: Path) -> None:
    changed = {"llama.expert_count": 8, "llama.expert_used_count": 2, "llama.expert_shared_count": 1}
    rows = [Row("token_embd.weight"), Row("output.weight"), Row("blk.0.ffn_up_exps.weight", (4, 4, 8))]
    card = card_of(tmp_path, changed, rows)
    assert (card.terms.experts, card.terms.experts_used, card.terms.experts_shared) == (8, 2, 1)
    assert card.facts.tensor_bytes == 4 * (16 + 16 + 128)
    assert card.facts.active_bytes == 4 * (16 + 128 // 4)  # of the words' table a row, of the experts a quarter


@pytest.mark.parametrize(
    ("architecture", "attending", "recurrent", "attention"),
    [
        ("llama", 2, 0, Attention.GROUPED),
        ("cohere2", 4, 0, Attention.GROUPED),
        ("mamba", 0, 2, Attention.NONE),
        ("lfm2", 1, 1, Attention.GROUPED),
    ],
)
def test_running_state_is_told_from_attention_also_where_a_model_has_both(
    tmp_path: Path, architecture: str, attending: int, recurrent: int, attention: Attention
) -> None:
    terms = read_card(write(tmp_path / "one.gguf", architecture=architecture)).terms
    assert (terms.attending, terms.recurrent, terms.attention) == (attending, recurrent, attention)
    assert terms.tied


@pytest.mark.parametrize(
    ("changed", "rows", "positions"),
    [
        ({}, [], Positions.ROTARY),
        ({}, [Row("position_embd.weight", (4, 8))], Positions.LEARNED),
        ({"llama.attention.max_alibi_bias": 8.0}, [], Positions.SLOPES),
        ({}, [Row("enc.blk.0.attn_rel_b.weight")], Positions.RELATIVE),
    ],
)
def test_positions_are_told_by_their_kind(
    tmp_path: Path, changed: dict[str, object], rows: list[Row], positions: Positions
) -> None:
    assert terms_of(tmp_path, changed, [Row("token_embd.weight"), *rows]).positions is positions


def test_positions_that_were_stretched_are_told_with_what_the_model_was_trained_on(tmp_path: Path) -> None:
    changed = {
        "llama.rope.freq_base": 500000.0, "llama.rope.scaling.type": "yarn", "llama.rope.scaling.factor": 4.0,
        "llama.rope.scaling.original_context_length": 64,
    }  # fmt: skip
    terms = terms_of(tmp_path, changed)
    assert (terms.rope_base, terms.scaling, terms.scaling_factor, terms.trained_tokens) == (500000.0, "yarn", 4.0, 64)


# --- its weights and where it comes from -------------------------------------------------------


def test_the_forms_of_the_weights_are_counted_and_those_that_differ_are_named_with_their_layers(tmp_path: Path) -> None:
    layers = (f"blk.{layer}.ffn_{which}" for which in ("down", "up") for layer in range(3))
    names = ("token_embd", "output_norm", *layers)
    kinds, at, rows = (8, 0, 2, 8, 2, 2, 2, 2), 0, []
    for name, kind in zip(names, kinds, strict=True):
        rows.append(Row(f"{name}.weight", (32, 32) if kind else (32,), kind, at))
        at += {8: 32 * 34, 2: 32 * 18, 0: 32 * 4}[kind]
    card = card_of(tmp_path, {"llama.block_count": 3, **HEADS}, rows)
    assert [(share.form, share.tensors, share.weights) for share in card.forms] == [
        ("Q4_0", 5, 5120), ("Q8_0", 2, 2048), ("F32", 1, 32),
    ]  # fmt: skip
    assert {(one.name, one.form, one.layers, one.of_layers) for one in card.differing} == {
        ("token_embd.weight", "Q8_0", (), 0), ("blk.*.ffn_down.weight", "Q8_0", (1,), 3),
    }  # fmt: skip
    assert card.small_tensors == 1
    assert card.bits_per_weight == pytest.approx(8 * (160 * 18 + 64 * 34 + 32 * 4) / 7200)


def test_what_the_file_says_of_its_origin_is_shown_on_one_line_each(tmp_path: Path) -> None:
    changed = {
        "general.license": "apache-2.0", "general.license.link": "https://example.org/\nlicence\x1b[31m",
        "general.base_model.count": 2, "general.base_model.0.repo_url": "https://example.org/base",
        "general.base_model.1.name": "Other", "general.quantized_by": "Ume",
        "quantize.imatrix.file": "ume.imatrix", "quantize.imatrix.dataset": "letters.txt",
        "quantize.imatrix.chunks_count": 80,
    }  # fmt: skip
    origin = card_of(tmp_path, changed).origin
    assert (origin.license, origin.quantized_by, origin.chunks) == ("apache-2.0", "Ume", 80)
    assert (origin.matrix, origin.matrix_text) == ("ume.imatrix", "letters.txt")
    assert origin.bases == ("https://example.org/base", "Other")
    assert origin.license_link == "https://example.org/ licence [31m"


def test_a_damaged_file_has_no_card(tmp_path: Path) -> None:
    path = tmp_path / "some.gguf"
    path.write_bytes(model_bytes()[:60])
    with pytest.raises(ModelDamaged):
        read_card(path)


# --- what the library adds ---------------------------------------------------------------------


def added(models: Models, path: Path) -> int:
    return finish(models.add(path, Cancel())).id


def test_a_template_is_held_against_that_of_the_model_it_was_made_from(models: Models, tmp_path: Path) -> None:
    parent = added(models, write(tmp_path / "parent.gguf"))
    added(models, write(tmp_path / "sibling.gguf", seed=2, template=CHATML + "{# sibling #}"))
    child = added(models, write(tmp_path / "child.gguf", seed=1, template=CHATML + "{# mine #}"))
    models._rows.set_made(child, Made(parent_id=parent, parent="parent", parent_sha256="", recipe=Recipe()))
    found = finish(models.cards.of(child, Cancel())).template
    assert found is not None
    assert (found.against, found.name) == (Against.PARENT, "parent")
    assert [line for line in found.lines if line[0] in "+-"] == ["+{# mine #}"]


def test_a_template_is_held_against_another_form_of_the_same_model(models: Models, tmp_path: Path) -> None:
    added(models, write(tmp_path / "one.gguf"))
    other = added(models, write(tmp_path / "two.gguf", seed=1))
    found = finish(models.cards.of(other, Cancel())).template
    assert found is not None
    assert (found.against, found.name, found.lines) == (Against.SIBLING, "one", ())


def test_a_template_is_held_against_that_of_the_model_its_file_names(models: Models, tmp_path: Path) -> None:
    base, tuned = tmp_path / "Ume-1B-Q8_0.gguf", tmp_path / "tuned.gguf"
    base.write_bytes(model_bytes({"tokenizer.chat_template": "{{ a }}", "llama.feed_forward_length": 16}))
    named = {"general.base_model.0.repo_url": "https://example.org/ume/Ume-1B"}
    tuned.write_bytes(model_bytes({"tokenizer.chat_template": "{{ b }}", "llama.block_count": 2, **named}))
    added(models, base)
    found = finish(models.cards.of(added(models, tuned), Cancel())).template
    assert found is not None
    assert (found.against, found.name) == (Against.BASE, "Ume-1B-Q8_0")
    assert found.lines[1:] == ("-{{ a }}", "+{{ b }}")


def test_a_template_without_relatives_is_held_against_its_family(models: Models, tmp_path: Path) -> None:
    path = write(tmp_path / "one.gguf", template=CHATML)
    found = finish(models.cards.of(added(models, path), Cancel())).template
    assert found is not None
    assert (found.against, found.name) == (Against.FAMILY, "ChatML")


def test_a_template_that_nobody_knows_is_held_against_none(models: Models, tmp_path: Path) -> None:
    for number, template in enumerate((None, "{{ messages }}")):
        path = write(tmp_path / f"{number}.gguf", seed=number, template=template)
        assert finish(models.cards.of(added(models, path), Cancel())).template is None


def test_each_statement_of_a_template_stands_on_a_line_of_its_own() -> None:
    assert lines_of("{% if a %}\n  b {%- endif -%} c") == ["{% if a %}", "b", "{%- endif -%}", "c"]


def test_adapters_are_held_against_this_very_model(models: Models, tmp_path: Path) -> None:
    model = added(models, write(tmp_path / "model.gguf"))
    fits = added(models, Lora().write(tmp_path / "fits.gguf"))
    other = tmp_path / "other.gguf"
    rows = [Row("blk.0.attn_q.weight.lora_a", (4, 2)), Row("blk.0.attn_q.weight.lora_b", (2, 4))]
    other.write_bytes(model_bytes({"general.type": "adapter", "adapter.type": "lora"}, rows=rows))
    added(models, other)
    found = finish(models.cards.of(model, Cancel())).adapters
    assert [(one.name, bool(one.why)) for one in found] == [("fits", False), ("other", True)]
    assert found[0].id == fits


# --- what its files come to --------------------------------------------------------------------


def test_a_checksum_is_reckoned_on_request_with_progress_and_kept_as_long_as_the_file_is(
    models: Models, tmp_path: Path
) -> None:
    path = write(tmp_path / "one.gguf")
    model = models.get(added(models, path))
    assert models.cards.known_checksum(model) is None
    events = list(models.cards.reckon_checksum(model, Cancel()))
    assert any(isinstance(event, Progressed) and event.done == event.total for event in events)
    known = models.cards.known_checksum(model)
    assert known is not None
    assert known.files == (("one.gguf", sha256(path.read_bytes()).hexdigest()),)
    assert finish(models.cards.of(model.id, Cancel())).checksum == known
    write(path, seed=1, template=CHATML + " ")
    assert models.cards.known_checksum(models.get(model.id)) is None


def test_a_checksum_can_be_stopped_and_is_refused_where_the_file_is_gone(models: Models, tmp_path: Path) -> None:
    path = write(tmp_path / "one.gguf")
    model, cancel = models.get(added(models, path)), Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        finish(models.cards.reckon_checksum(model, cancel))
    path.unlink()
    with pytest.raises(FileMissing):
        finish(models.cards.reckon_checksum(model, Cancel()))
    assert models.cards.known_checksum(model) is None


def test_a_card_is_read_once_as_long_as_the_file_is(
    models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = added(models, write(tmp_path / "one.gguf"))
    first = finish(models.cards.of(model, Cancel()))
    monkeypatch.setattr(cards, "read_card", None)
    assert finish(models.cards.of(model, Cancel())) == first
