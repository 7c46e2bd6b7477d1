"""Every question that the guide model is examined by has facts to be judged by, and the guide tells them."""

import json
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "packaging" / "guide_model"
LANGUAGES = ("en", "ja")
MOST_GROUPS, MOST_CHARACTERS = 3, 40

Groups = list[list[str]]


def facts(language: str) -> dict[str, Groups]:
    """By the number of the question, the groups of texts of which an answer holds one each."""
    found: dict[str, Groups] = json.loads((RECIPE / f"facts.{language}.json").read_text(encoding="utf-8"))["asked"]
    return found


def plain(text: str) -> str:
    """Without marks of bold and code, room, case and width: lines of a page are broken anywhere."""
    return "".join(unicodedata.normalize("NFKC", text.replace("*", "").replace("`", "")).casefold().split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_facts(language: str) -> None:
    held_out = json.loads((RECIPE / f"held_out.{language}.json").read_text(encoding="utf-8"))
    assert list(facts(language)) == [str(number) for number in range(len(held_out["asked"]))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_has_one_to_three_facts_and_none_is_empty(language: str) -> None:
    for number, groups in facts(language).items():
        assert 1 <= len(groups) <= MOST_GROUPS, number
        for group in groups:
            assert group, number
            assert all(text.strip() == text != "" for text in group), number


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fact_is_a_few_words_that_no_shorter_text_beside_it_holds(language: str) -> None:
    for number, groups in facts(language).items():
        for group in groups:
            texts = [unicodedata.normalize("NFKC", text).casefold() for text in group]
            assert all(len(text) <= MOST_CHARACTERS for text in texts), number
            held = [(text, other) for text in texts for other in texts if text != other and other in text]
            assert not held, number
            assert len(set(texts)) == len(texts), number


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_page_of_the_guide_tells_all_the_facts_of_a_question(language: str) -> None:
    folder = ROOT / "docs" / "guide" / language
    pages = [plain(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.md")) if path.stem != "index"]
    untold = [
        number
        for number, groups in facts(language).items()
        if not any(all(any(plain(text) in page for text in group) for group in groups) for page in pages)
    ]
    assert not untold
