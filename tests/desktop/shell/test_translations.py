"""Every sentence the window can say has a Japanese text, and the catalogues hold nothing else.

Sentences of the engine arrive with their facts filled in; `told` finds the sentence again.
"""

import ast
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.error_text import ADVICE
from desktop.widgets.progress_row import SENTENCES, progress_text
from desktop.words import choose, told
from engine.chat.citations import note as citations_note
from engine.chat.prompt import Prompt
from engine.chat.replying import NOTHING_FOUND
from engine.documents.reading import IN_PART
from engine.errors import KINDS, DocumentDamaged, DocumentTooSlow, WorkerDied
from engine.events import Progressed
from engine.models.catalog import catalogue as catalogue_of_models
from engine.quantizations import QUANTIZATIONS
from engine.settings import described

ROOT = Path(__file__).parents[3]
JAPANESE = ROOT / "resources" / "translations" / "ja"
OPERATING_SYSTEMS = {"permission denied"}  # what the system says when it refuses
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
    sentences |= {known.advice for known in QUANTIZATIONS.values()}
    sentences |= {model.strengths for model in catalogue_of_models(ROOT / "resources" / "catalog.json")}
    for file in (ROOT / "desktop").rglob("*.py"):
        sentences |= set(literals(ast.parse(file.read_text(encoding="utf-8"))))
    return sentences


def engine_trees() -> Iterator[ast.AST]:
    for file in sorted((ROOT / "engine").rglob("*.py")):
        if "cli" not in file.parts:
            yield ast.parse(file.read_text(encoding="utf-8"))


def shape(sentence: str) -> str:
    """A sentence with its facts, and the names it quotes, unnamed."""
    return re.sub(r"'[^' ]*'", "'{}'", re.sub(r"\{[^}]*\}", "{}", sentence))


def texts(node: ast.AST | None) -> Iterator[str]:
    """Every text an expression can be, its facts unnamed; both sides of a choice, all values of a table."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield shape(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield from (shape("".join(choice)) for choice in itertools.product(*(_pieces(part) for part in node.values)))
    elif isinstance(node, ast.IfExp):
        yield from [*texts(node.body), *texts(node.orelse)]
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from texts(value)


def _pieces(part: ast.AST) -> list[str]:
    """What one part of an f-string can be."""
    return list(texts(part.value if isinstance(part, ast.FormattedValue) else part)) or ["{}"]


def engine_words() -> set[str]:
    """Every text in the engine: the reason inside an error is one of them."""
    nodes = (node for tree in engine_trees() for node in ast.walk(tree))
    return {text for node in nodes for text in texts(node)}


REASONS = {"why", "note", "how"}  # what an error or a message is given
NAMED = {
    "why",
    "whys",
    "note",
    "most",
    "_FAULTS",
    "EMPTY",
    "NOTHING_FOUND",
    "OUR_MISTAKE",
    "CUT_OFF",
    "RANKED",
    "UNANSWERED",
}
REASON_ERRORS = {
    "Damaged",
    "KeychainError",
    "NotKept",
    "CodeMistyped",
    "ConnectionBroken",
}  # exceptions whose text becomes a reason
REASON_CALLS = {"refused", "unreachable"}


def engine_reasons() -> Iterator[str]:
    """Every reason the engine gives, by the places where reasons are written."""
    for tree in engine_trees():
        for node in ast.walk(tree):
            match node:
                case ast.keyword(arg=str(name), value=value) if name in REASONS:
                    yield from texts(value)
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in NAMED:
                    yield from texts(value)
                case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in REASON_ERRORS:
                    yield from texts(first)
                case ast.Call(func=ast.Attribute(attr="damaged"), args=[*_, why]):
                    yield from texts(why)
                case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]) if name in REASON_CALLS:
                    yield from texts(first)


def whole_refusals() -> Iterator[tuple[str, str]]:
    """Each reason of a `TextNotAccepted` with the whole sentence that it stands in, which may have its own text."""
    nodes = (node for tree in engine_trees() for node in ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "TextNotAccepted":
            given = {keyword.arg: list(texts(keyword.value)) for keyword in node.keywords}
            for what, value, why in itertools.product(*(given.get(name, []) for name in ("what", "value", "why"))):
                yield why, f"{what} cannot be {value}: {why}."


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
    heard = engine_words() | OPERATING_SYSTEMS | {whole for _, whole in whole_refusals()}
    assert sorted(sentence for sentence in set(catalogue()) - said() if shape(sentence) not in heard) == []


def test_every_reason_the_engine_gives_has_a_japanese_text() -> None:
    known = {shape(sentence) for sentence in catalogue()}
    within = {why for why, whole in whole_refusals() if whole in known}
    bare = {"", "{}", "at {}:{}"}  # nothing, another text handed on, a place in the source
    assert sorted({reason for reason in engine_reasons() if " " in reason} - known - within - bare) == []


@pytest.mark.parametrize(
    ("said_by_engine", "on_screen"),
    [
        ("Nothing is known of this.", "Nothing is known of this."),
        (str(DocumentDamaged(path="/a/b and c.pdf", kind="a Word document", why="it is a ZIP archive")),
         "/a/b and c.pdf を Word 文書 として読めませんでした（ZIP 書庫です）。"),
        (str(DocumentTooSlow(path="/a/b.pdf", seconds=20.0)), "/a/b.pdf の読み取りを 20 秒で打ち切りました。"),
        (IN_PART.format(path="/a/b.pdf", pages=23, seconds=20.0),
         "/a/b.pdf は、読み取りに 20 秒以上かかったため、"
         "はじめから 23 ページ目（または区切り）までだけを読み取りました。"),
        (str(WorkerDied(process="model", how="signal SIGKILL")),
         "モデル プロセスが予期せず停止しました（シグナル SIGKILL）。"),
        (f"{NOTHING_FOUND} {citations_note(3)}",
         "この質問に合う箇所が文書に見つからなかったため、文書を使わない回答です。"
         "存在しない箇所を指す引用 3 件を取り除きました。"),
        (f"PyTorch did not work, so llama.cpp reads your passages. {WorkerDied(process='embedder', how='exit code 1')}",
         "PyTorch が動かなかったため、llama.cpp が文書を読みます。"
         "埋め込み プロセスが予期せず停止しました（終了コード 1）。"),
        ("llama.cpp reads your passages, for PyTorch needs 1.0 GiB of memory and 0.4 are free.",
         "PyTorch には 1.0 GiB のメモリが必要ですが、空きは 0.4 GiB のため、llama.cpp が文書を読みます。"),
        (Prompt(turns=(), sources=(), left_out=2, unused=1).note,
         "モデルのコンテキスト長に収めるため、古いほうの 2 件のメッセージ、1 か所を省きました。"),
    ],
)  # fmt: skip
def test_what_the_engine_says_with_facts_is_told_in_japanese(said_by_engine: str, on_screen: str) -> None:
    choose("ja", JAPANESE.parent)
    assert told(said_by_engine) == on_screen


def test_in_english_the_engine_is_quoted() -> None:
    assert told("it is a ZIP archive") == "it is a ZIP archive"


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


def test_every_unit_the_engine_counts_in_has_a_sentence() -> None:
    keywords = (node for tree in engine_trees() for node in ast.walk(tree) if isinstance(node, ast.keyword))
    units = {text for keyword in keywords if keyword.arg == "unit" for text in texts(keyword.value)}
    assert units - {"bytes"} <= set(SENTENCES)
    assert {"files", "passages", "checks"} <= units


def test_a_unit_without_a_sentence_is_counted_all_the_same() -> None:
    assert progress_text(Progressed(done=3, total=1200, unit="moons")) == "3 of 1,200"
