"""The rules of the house that no tool of its own keeps."""

import ast
import re
import string
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from engine.errors import KINDS

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
LONGER_ON_PURPOSE: dict[str, str] = {}  # path → why it is longer
LONGEST_FUNCTION = 50
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core", "manager"}
MAY_USE_THREADS = {"desktop/jobs.py"}
# Modules that run what they read, and the readers of YAML that do.
BANNED_MODULES = {"pickle", "cPickle", "shelve", "marshal", "dill", "joblib", "cloudpickle", "yaml"}


def files(*folders: str) -> list[Path]:
    """Our Python files below the folders; what was built or fetched is not ours."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if not {"__pycache__", "tools", "out"} & set(path.relative_to(ROOT).parts))


OURS = files("engine", "desktop", "bench", "packaging")
PRODUCT = files("engine", "desktop")


def named(path: Path) -> str:
    """A path below the root, as it is written everywhere."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), named(path))


def imported(tree: ast.AST) -> Iterator[str]:
    """The full name of everything a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(node: ast.AST) -> Iterator[ast.AST]:
    """What is inside a node, leaving out functions defined within."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from own(child)


@pytest.mark.parametrize("path", [*OURS, *files("tests")], ids=named)
def test_a_file_says_first_what_it_owns_and_is_short_enough_to_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(parsed(path)), "begins without a docstring"
    if named(path) not in LONGER_ON_PURPOSE:
        assert len(text.splitlines()) <= LONGEST


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_public_classes_and_functions_say_what_they_do(path: Path) -> None:
    silent = []
    for node in parsed(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            silent += [] if ast.get_docstring(node) else [node.name]
    assert not silent


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_functions_fit_on_a_screen(path: Path) -> None:
    lengths = {
        node.name: (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
    }
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    vague = [named(path) for path in OURS if BANNED_NAMES & {path.stem, *path.relative_to(ROOT).parts[:-1]}]
    assert not vague


def test_packaging_is_no_package() -> None:
    assert not list((ROOT / "packaging").rglob("__init__.py"))  # it would hide the library of that name


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_nothing_yields_while_it_holds_a_lock_or_a_transaction(path: Path) -> None:
    held = re.compile(r"lock|writing|transaction|sending", re.IGNORECASE)
    for function in ast.walk(parsed(path)):
        if not isinstance(function, ast.FunctionDef):
            continue
        if any("contextmanager" in ast.unparse(decorator) for decorator in function.decorator_list):
            continue  # that is a lock, to be held by a `with`
        for node in own(function):
            if isinstance(node, ast.With) and any(held.search(ast.unparse(item.context_expr)) for item in node.items):
                yields = [inside for inside in own(node) if isinstance(inside, ast.Yield | ast.YieldFrom)]
                assert not yields, f"line {node.lineno}"


def test_only_the_jobs_of_the_desktop_know_threads() -> None:
    names = {"threading", "concurrent", "multiprocessing", "asyncio", "_thread"}
    classes = {"QThread", "QThreadPool", "QRunnable", "QtConcurrent"}
    users = {
        named(path)
        for path in files("desktop")
        for name in imported(parsed(path))
        if name.split(".")[0] in names or name.split(".")[-1] in classes
    }
    assert users <= MAY_USE_THREADS


@pytest.mark.parametrize("path", OURS, ids=named)
def test_nothing_we_read_is_ever_run(path: Path) -> None:
    assert not {name for name in imported(parsed(path)) if name.split(".")[0] in BANNED_MODULES}
    calls = [
        node.func.id
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert not {"eval", "exec", "compile", "__import__"} & set(calls)


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_every_error_is_given_all_facts_of_its_sentence(path: Path) -> None:
    called = {id(node.func) for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)}
    for node in ast.walk(parsed(path)):
        if (
            isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Name)
            and node.exc.id in KINDS
            and id(node.exc) not in called
        ):
            assert not facts_of(node.exc.id), f"line {node.lineno}: {node.exc.id} without its facts"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            given = {keyword.arg for keyword in node.keywords}
            if None not in given:  # **facts, as they came from another process
                missing = facts_of(node.func.id) - given
                assert not missing, f"line {node.lineno}: {node.func.id} without {missing}"
            assert not node.args, f"line {node.lineno}: facts have names"


def facts_of(code: str) -> set[str]:
    """The names in an error's sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(KINDS[code].sentence) if name}


def tracked() -> list[Path]:
    """The text files that are part of the project."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this copy of the project is not a git checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    kinds = {".py", ".md", ".toml", ".txt", ".json", ".cmake", ".svg", ".html", ".qss", ".yml", ".sh", ""}
    return [path for path in paths if path.suffix in kinds and path.is_file() and path != Path(__file__).resolve()]


def test_no_file_names_a_place_on_somebodys_machine_or_leaves_work_for_later() -> None:
    unwanted = re.compile(
        r"(?<![\w.])/(?:work|opt|root)/|/Users/\w|pypi\.org|pythonhosted|\b(?:TODO|FIXME|XXX)\b", re.MULTILINE
    )
    found = []
    for path in tracked():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if unwanted.search(line):
                found.append(f"{named(path)}:{number}: {line.strip()[:100]}")
    assert not found
