"""Who may import whom: the contracts hold on the tree, and each one bites when it is violated.

For every contract one forbidden line (or one stray file) is planted in a copy of the two packages, and the
contract must then be broken.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = {
    contract["id"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
}
# contract, file in which the line is planted (made when it is not there), the line
PLANTS = (
    ("engine-has-no-window", "engine/documents/__init__.py", "import PySide6.QtCore"),
    ("engine-has-no-window", "engine/engine.py", "import desktop.words"),
    ("the-doors", "desktop/jobs.py", "import engine.store"),
    ("the-doors", "desktop/widgets/__init__.py", "import engine.runtime.process"),
    ("engine-flows-down", "engine/store/__init__.py", "import engine.chat"),
    ("engine-flows-down", "engine/sampling.py", "import engine.types"),
    ("engine-flows-down", "engine/stray.py", "import json"),
    ("worker-stands-alone", "engine/worker/desk.py", "import engine.settings"),
    ("nobody-imports-the-worker", "engine/runtime/process.py", "import engine.worker.desk"),
    ("llama-lives-in-the-worker", "engine/runtime/process.py", "import llama_cpp"),
    ("torch-lives-in-the-embedder", "engine/documents/__init__.py", "import sentence_transformers"),
    ("torch-lives-in-the-embedder", "engine/worker/desk.py", "import torch"),
    ("readers-live-in-the-worker", "engine/documents/__init__.py", "import pypdfium2"),
    ("schemas-are-judged-in-the-worker", "engine/forms/__init__.py", "import jsonschema"),
    ("one-door-to-the-network", "engine/models/__init__.py", "import huggingface_hub"),
    ("sql-lives-in-the-store", "engine/chat/__init__.py", "import sqlcipher3"),
    ("ciphers-live-in-privacy", "engine/store/__init__.py", "import cryptography.fernet"),
    ("desktop-flows-down", "desktop/words.py", "import desktop.jobs"),
    ("desktop-flows-down", "desktop/stray.py", "import json"),
    ("pages-are-strangers", "desktop/pages/chat/view.py", "import desktop.pages.compare.view"),
    ("views-only-show", "desktop/pages/chat/view.py", "import desktop.jobs"),
    ("views-only-show", "desktop/pages/documents/view.py", "import engine.engine"),
    ("no-circles", "engine/runtime/process.py", "import engine.runtime.runtime"),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the two packages and their contracts."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("engine", "desktop"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def kept(tree: Path, *contracts: str) -> tuple[bool, str]:
    """Whether the contracts hold on the tree (all of them, when none is named), and what was said."""
    chosen = [argument for contract in contracts for argument in ("--contract", contract)]
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command(sys.argv[1:])"
    run = subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo", *chosen],
        cwd=tree,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=None,
        check=False,
    )
    said = run.stdout + run.stderr
    assert "broken" in said or "BROKEN" in said, said  # anything else is an error of ours, not a verdict
    return run.returncode == 0, said


def test_every_contract_holds(tree: Path) -> None:
    holds, said = kept(tree)
    assert holds, said


def test_every_contract_has_a_planted_violation() -> None:
    assert {contract for contract, _, _ in PLANTS} == CONTRACTS


@pytest.mark.parametrize(("contract", "file", "line"), PLANTS)
def test_a_planted_violation_breaks_its_contract(tree: Path, contract: str, file: str, line: str) -> None:
    path = tree / file
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b'"""Planted."""\n') + f"\n{line}\n".encode())
    try:
        holds, said = kept(tree, contract)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
    assert not holds, said
