"""The documents of the project lead where they say, and name only commands that exist."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

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


def test_every_proof_that_the_promises_name_is_there() -> None:
    text = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    promises = re.findall(r"^\*\*(?:[^*]|\n)+\*\*\n\n- Proof: ((?:[^\n]|\n(?!\n))*)", text, re.MULTILINE)
    assert len(promises) == text.count("- Proof:") == len(re.findall(r"^\*\*", text, re.MULTILINE))
    for proof in promises:
        tests = re.findall(r"python -m pytest (\S+)`", proof)
        rows = re.findall(r"--only (r\d\d)`", proof)
        commands = re.findall(r"`hanare ([a-z-]+)`", proof)
        assert tests or rows or commands, proof
        assert [test for test in tests if not (ROOT / test).is_file()] == []
        assert [row for row in rows if not list((ROOT / "tests" / "reliability").glob(f"{row}_*.py"))] == []
        assert [name for name in commands if f"`hanare {name}`" not in GUIDE] == []


def test_decisions_are_numbered_without_gaps_and_answer_four_things() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:3]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:3]} ")
        for part in ("Question", "Decision", "Why", "Alternatives"):
            assert f"**{part}.**" in text, page.name
