"""What the library needs of the store's rows of models."""

from pathlib import Path
from typing import Protocol

from engine.types import Model, ModelFacts, ModelOrigin


class ModelRows(Protocol):
    """The rows of the models table."""

    def all(self) -> tuple[Model, ...]:
        """Every model, oldest first."""

    def get(self, model_id: int) -> Model | None:
        """One model, or None."""

    def by_path(self, path: Path) -> Model | None:
        """The model kept under exactly this path, or None."""

    def add(
        self, *, path: Path, name: str, origin: ModelOrigin, facts: ModelFacts, mtime_ns: int, repository: str = "",
        sha256: str = "",
    ) -> Model:  # fmt: skip
        """Keep a new model."""

    def update(self, model_id: int, *, facts: ModelFacts, mtime_ns: int) -> None:
        """Keep what its file is now."""

    def remove(self, model_id: int) -> None:
        """Forget it."""
