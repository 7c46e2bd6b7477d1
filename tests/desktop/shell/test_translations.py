"""Every sentence the window can say has a Japanese text, and the catalogues hold nothing else."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from desktop.error_text import ADVICE
from engine.errors import KINDS
from engine.settings import described

ROOT = Path(__file__).parents[3]
JAPANESE = ROOT / "resources" / "translations" / "ja"
KANA_OR_KANJI = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def catalogue() -> dict[str, str]:
    sentences: dict[str, str] = {}
    for file in sorted(JAPANESE.glob("*.json")):
        sentences.update(json.loads(file.read_text(encoding="utf-8")))
    return sentences


def said() -> set[str]:
    """Every literal given to tr() or later() in the desktop, and what the engine declares for the screen."""
    sentences = {about.title for about in described().values()} | {about.help for about in described().values()}
    sentences |= {kind.sentence for kind in KINDS.values()}
    for file in (ROOT / "desktop").rglob("*.py"):
        sentences |= set(literals(ast.parse(file.read_text(encoding="utf-8"))))
    return sentences


def engine_words() -> set[str]:
    """Every text in the engine: the reason inside an error is one of them."""
    files = (ROOT / "engine").rglob("*.py")
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def literals(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("tr", "later"):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
            elif isinstance(first, ast.IfExp):
                for side in (first.body, first.orelse):
                    if isinstance(side, ast.Constant):
                        yield side.value


def fields(sentence: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", sentence))


def test_every_sentence_has_a_japanese_text() -> None:
    assert sorted(said() - set(catalogue())) == []


def test_the_catalogues_hold_no_sentence_that_nobody_says() -> None:
    assert sorted(set(catalogue()) - said() - engine_words()) == []


def test_a_sentence_is_translated_in_one_place_only() -> None:
    seen: dict[str, str] = {}
    for file in sorted(JAPANESE.glob("*.json")):
        for sentence, text in json.loads(file.read_text(encoding="utf-8")).items():
            assert seen.get(sentence, text) == text, f"{sentence!r} reads differently in {file.name}"
            seen[sentence] = text


def test_a_japanese_text_fills_in_the_same_facts() -> None:
    for sentence, text in catalogue().items():
        assert fields(text) <= fields(sentence), sentence
        assert fields(sentence) == fields(text), sentence


def test_a_japanese_text_is_japanese() -> None:
    same = {sentence for sentence, text in catalogue().items() if not KANA_OR_KANJI.search(text)}
    assert {sentence for sentence in same if re.search(r"[a-z]{4}", re.sub(r"\{.*?\}|Enter", "", sentence))} == set()


def test_every_engine_error_has_a_title_and_an_advice() -> None:
    assert set(ADVICE) == set(KINDS.values())
