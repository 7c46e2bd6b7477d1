"""Ways of asking are varied by chance, the same way for the same seed, and stay questions."""

import random
from pathlib import Path

import pytest

from guide_model.places import HERE
from guide_model.unknown import Strange
from guide_model.variation import Alike, Variation, english, japanese

ASKED = {"en": "How do I add a new document?", "ja": "文書を追加するにはどうすればいいですか？"}


def variation(language: str) -> Variation:
    """What the recipe varies a language with."""
    alike = Alike.read(HERE / f"alike.{language}.tsv")
    return english(alike) if language == "en" else japanese(alike)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_one_seed_gives_one_way_of_asking_and_another_seed_mostly_another(language: str) -> None:
    vary = variation(language)
    found = [vary(ASKED[language], random.Random(seed)) for seed in range(60)]
    assert found == [vary(ASKED[language], random.Random(seed)) for seed in range(60)]
    assert len(set(found)) > 30
    assert all(text.strip() for text in found)


def test_capitals_end_signs_hasty_typing_and_politeness_all_come_up() -> None:
    vary = variation("en")
    found = [vary(ASKED["en"], random.Random(seed)) for seed in range(400)]
    assert any(text.isupper() for text in found)
    assert any(text.islower() for text in found)
    assert any(text.endswith("?") for text in found)
    assert any(text[-1].isalpha() for text in found)
    assert any("please" in text.lower() for text in found)
    assert any("document" not in text.lower() for text in found)


def test_japanese_is_varied_between_polite_and_plain() -> None:
    vary = variation("ja")
    found = [vary(ASKED["ja"], random.Random(seed)) for seed in range(400)]
    assert any("どうやるの" in text for text in found)
    assert any("すみません" in text for text in found)
    assert any("ドキュメント" in text for text in found)


def test_words_that_are_alike_stand_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "alike.tsv"
    path.write_text("# a comment\nbig\tlarge\n\nbig\thuge\n", encoding="utf-8")
    alike = Alike.read(path)
    assert {alike.other("big", random.Random(seed)) for seed in range(40)} == {"big", "large", "huge"}
    assert alike.other("small", random.Random(0)) == "small"
    assert Alike.read(tmp_path / "absent.tsv").words() == ()


def test_words_of_the_program_stay_where_others_become_strange() -> None:
    strange = Strange(["how do I add documents", "文書を追加する"], replaced=1.0)
    found = strange.instead("documents about whales", random.Random(0))
    assert found.startswith("documents ")
    assert "whales" not in found
    assert strange.instead("文書と鯨", random.Random(0)).startswith("文書と")
    assert "鯨" not in strange.instead("文書と鯨", random.Random(0))
