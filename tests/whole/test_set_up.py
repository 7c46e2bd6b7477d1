"""The set-up names what is missing before it begins, and does nothing when nothing has changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the set-up reads, in a folder where nothing is installed."""
    shutil.copytree(ROOT / "packaging", tmp_path / "packaging", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


def set_up(project: Path, path: str) -> "subprocess.CompletedProcess[str]":
    """Run the set-up with only the programs in `path`."""
    left_out = {"CXX", "CC"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out} | {"PATH": path}
    return subprocess.run(
        [sys.executable, str(project / "packaging" / "set_up.py")],
        env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="looks for programs in the way of POSIX")
def test_everything_missing_is_named_at_once_with_one_command(project: Path) -> None:
    programs = project / "programs"
    programs.mkdir()
    (programs / "apt-get").write_text("#!/bin/sh\n")
    (programs / "apt-get").chmod(0o755)
    run = set_up(project, str(programs))
    assert run.returncode == 1
    assert "a C++ compiler and CMake 3.21 or newer" in run.stderr
    if sys.platform == "linux":
        assert "sudo apt-get install -y g++ cmake" in run.stderr
    assert not (project / ".venv").exists()


@pytest.mark.skipif(os.name != "posix", reason="looks for programs in the way of POSIX")
def test_a_cmake_that_is_too_old_is_refused(project: Path) -> None:
    programs = project / "programs"
    programs.mkdir()
    for name, says in (("cmake", "cmake version 3.18.4"), ("c++", "")):
        (programs / name).write_text(f"#!/bin/sh\necho '{says}'\n")
        (programs / name).chmod(0o755)
    run = set_up(project, f"{programs}{os.pathsep}/bin")
    assert run.returncode == 1
    assert "CMake 3.21 or newer" in run.stderr
    assert "compiler" not in run.stderr


def test_a_set_up_that_is_done_installs_nothing(project: Path) -> None:
    (project / ".venv").mkdir()
    program = "import sys; sys.path.insert(0, sys.argv[1]); import set_up; print(set_up.fingerprint(), end='')"
    wanted = subprocess.run(
        [sys.executable, "-c", program, str(project / "packaging")], capture_output=True, encoding="ascii", check=True
    ).stdout
    (project / ".venv" / "ready-run").write_text(wanted, encoding="ascii")
    run = set_up(project, "")  # with no program at hand, an installation could not even begin
    assert run.returncode == 0, run.stderr
    assert run.stdout == ""
    assert not (project / "build").exists()
