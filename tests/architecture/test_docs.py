"""The documents of the project lead where they say, and name only commands that exist."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.reliability.__main__ import number, rows, title

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GUIDE = (ROOT / "docs" / "guide" / "command-line.md").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def named(path: Path) -> str:
    """A path below the root."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    within = [unquote(link) for link in links if "://" not in link and not link.endswith(".png")]
    assert not [link for link in within if not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_make_command_that_is_named_exists(page: Path) -> None:
    named_targets = re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    benchmarks = {f"bench-{path.stem}" for path in (ROOT / "bench").glob("*.py")}
    assert set(named_targets) <= TARGETS | benchmarks


def test_the_short_guide_has_the_same_pages_in_both_languages_and_lists_each() -> None:
    guide = ROOT / "docs" / "guide"
    pages = {language: {page.name for page in (guide / language).glob("*.md")} for language in ("en", "ja")}
    assert pages["en"] == pages["ja"]
    for language, names in pages.items():
        listed = re.findall(
            r"^- \[.+\]\((.+)\)$", (guide / language / "index.md").read_text(encoding="utf-8"), re.MULTILINE
        )
        assert sorted(listed) == sorted(names - {"index.md"})


def test_the_plan_lists_every_row_in_the_words_of_the_row() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (R\d+) \| (.+) \|$", page, re.MULTILINE)
    assert [(name, f"{said}.") for name, said in listed] == [(number(name), title(name)) for name in rows()]


def test_every_promise_names_proofs_that_are_there_and_every_row_of_the_plan_proves_one() -> None:
    text = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    promises = re.findall(r"^\*\*(?:[^*]|\n)+\*\*\n\n- Proof: ((?:[^\n]|\n(?!-|\n))*)", text, re.MULTILINE)
    assert len(promises) == text.count("- Proof:") == len(re.findall(r"^\*\*", text, re.MULTILINE))
    proving = set()
    for proof in promises:
        commands = [" ".join(command.split()) for command in re.findall(r"`([^`]+)`", proof)]
        proofs = [command for command in commands if proves(command)]
        assert proofs, proof
        assert [command for command in commands if command not in proofs and command != "--night"] == [], proof
        proving |= {command[-3:] for command in proofs if "--only" in command}
    assert proving == {name[:3] for name in rows()}


def proves(command: str) -> bool:
    """Whether it is a command that can be run and shows something: a row, a test or one of `hanare`'s."""
    if row := re.fullmatch(r"(?:python -m tests\.reliability )?--only (r\d\d)", command):
        return row[1] in {name[:3] for name in rows()}
    if test := re.fullmatch(r"python -m pytest (\S+)", command):
        return (ROOT / test[1]).is_file()
    return command.startswith("hanare ") and f"`{command}`" in GUIDE


def test_decisions_are_numbered_without_gaps_and_answer_four_things() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:3]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:3]} ")
        for part in ("Question", "Decision", "Why", "Alternatives"):
            assert f"**{part}.**" in text, page.name
