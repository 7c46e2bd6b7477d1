"""A library with a model to make smaller: real llama.cpp, weights at random, rows that every form fits."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.engine import Engine, finish
from engine.operation import Cancel
from engine.types import Model
from engine.worker.testmodels.making import Shape, write

SHAPE = Shape(file="", name="A whole one", seed=4, embedding=256, layers=4, feed_forward=512, end=2.4)
WORDS = "badi fego. hike. jolu mabe nidi "  # some of its vocabulary


@pytest.fixture(scope="session")
def whole_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model in F16, made once."""
    path = tmp_path_factory.mktemp("whole") / "whole-F16.gguf"
    write(SHAPE, path)
    return path


@pytest.fixture
def whole(engine: Engine, whole_file: Path) -> Model:
    """It, as a model of the library."""
    return finish(engine.models.add(whole_file, Cancel()))


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    """Text enough for a matrix of three pieces."""
    path = tmp_path / "words.txt"
    path.write_text((WORDS * 12 + "\n") * 24, encoding="utf-8")
    return path


@pytest.fixture
def tidy(engine: Engine) -> Callable[[], bool]:
    """Whether nothing is left in the models folder, not even what is hidden."""
    return lambda: not list(engine.places.models.iterdir())
