"""The catalogue: what it holds, what is told where it is damaged, and what is recommended of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import CatalogDamaged, FileMissing
from engine.loading import LoadOptions
from engine.models.catalog import catalogue
from engine.models.hub_reports import quantization_of
from engine.models.outlook import Unfetched, facts_of, outlook
from engine.models.pace import Pace, pace
from engine.models.recommending import recommended
from engine.places import RESOURCES
from engine.quantizations import QUANTIZATIONS
from engine.runtime import fit as memory_fit
from engine.types import CatalogModel, Purpose, Recommendations, Verdict

SHIPPED = RESOURCES / "catalog.json"
GIB = 1 << 30
NEAR = 0.35  # where a large vocabulary is kept in more bits than the rest


@pytest.fixture
def models() -> tuple[CatalogModel, ...]:
    """What the program comes with."""
    return catalogue(SHIPPED)


def memory(monkeypatch: pytest.MonkeyPatch, free_gib: float, most_gib: float) -> None:
    """A computer with so much free now, and so much where no other program runs."""
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: int(free_gib * GIB))
    monkeypatch.setattr("engine.models.outlook.most_bytes", lambda: int(most_gib * GIB))


def suggested(models: tuple[CatalogModel, ...], bytes_per_s: float = 1e12) -> Recommendations:
    """What is recommended of them."""
    return recommended(models, (), LoadOptions(), Pace(bytes_per_s, measured=False))


def test_it_holds_small_models_for_every_purpose_in_several_languages(models: tuple[CatalogModel, ...]) -> None:
    assert 15 <= len(models) <= 25
    assert {purpose for model in models for purpose in model.purposes} == set(Purpose)
    assert {model.use for model in models} == {"chat", "embedding", "reranking"}
    assert all(0.3e9 <= model.parameters <= 8.5e9 for model in models)
    assert len([model for model in models if "ja" in model.languages]) >= 6
    assert sum(Purpose.JAPANESE in model.purposes for model in models) >= 4
    assert len({model.name for model in models}) == len(models)


def test_each_is_told_in_a_sentence_and_its_files_have_known_forms(models: tuple[CatalogModel, ...]) -> None:
    for model in models:
        assert model.strengths.endswith(".")
        assert model.licence
        assert all(len(language) == 2 for language in model.languages)
        for file in model.files:
            assert file.quantization in QUANTIZATIONS
            assert quantization_of(file.name) == file.quantization
        assert len({file.quantization for file in model.files}) == len(model.files)


def test_sizes_are_what_parameters_and_bits_come_to(models: tuple[CatalogModel, ...]) -> None:
    for model in models:
        for file in model.files:
            reckoned = model.parameters * QUANTIZATIONS[file.quantization].bits / 8
            assert abs(file.size_bytes - reckoned) / reckoned < NEAR, (model.name, file.quantization)


def damaged(tmp_path: Path, **change: Any) -> Path:
    """The catalogue with one entry changed; None leaves a field out."""
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    entry = document["models"][1] | change
    document["models"][1] = {name: value for name, value in entry.items() if value is not None or name == "shape"}
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": None}, "entry 2 has no “name”"),
        ({"files": []}, "entry 2 holds something that cannot be"),
        ({"files": [{"quantization": "Q8_0", "name": "x.gguf"}]}, "entry 2 has no “size_bytes”"),
        ({"files": [{"quantization": "Q8_0", "name": "../x.gguf", "size_bytes": 5}]}, "cannot be"),
        ({"repository": "a/../b"}, "cannot be"),
        ({"parameters": "8 billion"}, "cannot be"),
        ({"parameters": -1}, "cannot be"),
        ({"purposes": ["world domination"]}, "cannot be"),
        ({"use": "painting"}, "cannot be"),
        ({"shape": {"layers": 5}}, "entry 2 has no “embedding”"),
        ({"repository": "Qwen/Qwen3-8B-GGUF"}, "a repository is in it twice"),
    ],
)
def test_damage_is_told_with_the_entry_it_is_in(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    with pytest.raises(CatalogDamaged, match=why):
        catalogue(damaged(tmp_path, **change))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON"), (b"{", "not JSON"), (b"[]", "no list of models"), (b'{"models": 5}', "no list of models"),
        (b'{"models": [5]}', "entry 1 is no model"), (b"[" * 100_000, "not JSON"), (b"\xff", "not JSON"),
        (b" " * (2 << 20), "larger than such a list can be"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_catalogue_is_told_so(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "catalog.json"
    path.write_bytes(content)
    with pytest.raises(CatalogDamaged, match=why):
        catalogue(path)
    with pytest.raises(FileMissing):
        catalogue(tmp_path / "none.json")


def test_the_more_capable_that_fits_comes_first_and_what_cannot_fit_stands_apart(
    models: tuple[CatalogModel, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory(monkeypatch, 3.5, 4.0)
    found = suggested(models)
    first = next(one for one in found.models if Purpose.CHAT in one.best_for)
    assert first.model.name == "Qwen3 4B"
    assert first.outlook.verdict is Verdict.FITS
    assert {one.model.name for one in found.too_big} >= {"Qwen3 8B", "Mistral 7B Instruct v0.3"}
    assert {one.outlook.verdict for one in found.too_big} == {Verdict.TOO_BIG}
    best = [purpose for one in found.models for purpose in one.best_for]
    assert sorted(best) == sorted(Purpose)


def test_what_fits_only_without_other_programs_or_with_less_context_is_tight(
    models: tuple[CatalogModel, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory(monkeypatch, 3.5, 8.0)
    verdicts = {one.model.name: one.outlook.verdict for one in suggested(models).models}
    assert verdicts["Qwen3 8B"] is Verdict.TIGHT
    assert verdicts["Qwen3 4B"] is Verdict.FITS


def test_one_that_writes_slower_than_one_reads_comes_after_a_quicker_one(
    models: tuple[CatalogModel, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory(monkeypatch, 64, 64)
    found = suggested(models, bytes_per_s=9e9)
    first = next(one for one in found.models if Purpose.CHAT in one.best_for)
    assert not first.outlook.slow
    slow = next(one for one in found.models if one.model.name == "Qwen3 8B")
    assert slow.outlook.slow
    assert slow.outlook.tokens_per_s == pytest.approx(9e9 / slow.file.size_bytes)


def test_a_smaller_file_is_taken_where_the_first_does_not_fit(
    models: tuple[CatalogModel, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = next(model for model in models if model.name == "TinySwallow 1.5B Instruct")
    turned = replace(tiny, files=tuple(reversed(tiny.files)))
    memory(monkeypatch, 1.5, 1.5)
    (one,) = suggested((turned,)).models
    assert one.file.quantization == "Q5_K_M"


def test_nothing_fits_into_no_memory_and_nothing_is_recommended(
    models: tuple[CatalogModel, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory(monkeypatch, 0, 0)
    found = suggested(models)
    assert found.models == ()
    assert len(found.too_big) == len(models)


def test_what_was_written_here_tells_the_pace_and_else_memory_and_cores_do() -> None:
    assert pace([(1000, 5.0), (0, 9.0), (4000, 2.0)]) == Pace(6500.0, measured=True)
    guessed = pace([])
    assert not guessed.measured
    assert guessed.bytes_per_s > 0


def test_what_does_not_chat_keeps_no_conversation_and_writes_nothing() -> None:
    of = Unfetched(size_bytes=600_000_000, quantization="Q8_0", use="embedding")
    assert facts_of(of).key_numbers == 0
    assert outlook(of, LoadOptions(), 1e9).tokens_per_s == 0


def test_a_file_of_unknown_shape_is_reckoned_as_a_usual_model_of_its_size() -> None:
    facts = facts_of(Unfetched(size_bytes=4_900_000_000, quantization="Q4_K_M"))
    assert 7.5e9 < facts.parameters < 8.5e9
    assert (facts.layers, facts.embedding) == (36, 4096)
    assert facts_of(Unfetched(size_bytes=1 << 40)).layers == 80


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("model-Q4_K_M.gguf", "Q4_K_M"), ("qwen2.5-0.5b-instruct-q8_0.gguf", "Q8_0"), ("m.IQ3_XXS.gguf", "IQ3_XXS"),
        ("m-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"), ("m-fp16.gguf", "F16"), ("deep/BF16/m-BF16-00001-of-00002.gguf", "BF16"),
        ("m-MXFP4_MOE.gguf", "MXFP4_MOE"), ("model.gguf", ""), ("q4all.gguf", ""), ("Q4_K_M/model.gguf", ""),
    ],
)  # fmt: skip
def test_the_form_of_the_weights_is_read_from_a_name(file: str, form: str) -> None:
    assert quantization_of(file) == form
