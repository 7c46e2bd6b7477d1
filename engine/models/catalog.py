"""The models worth trying, from `resources/catalog.json`; and what the hub said of their files when it was last asked.

The list comes with the program and is checked as if it came from outside: a person may have changed it. What the hub
says is kept beside the store, as sizes alone, and lost without harm.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import CatalogDamaged, FileMissing, TextNotAccepted, from_os_error
from engine.keeping.files import written
from engine.models.download import Wanted
from engine.typed import checked, no_number
from engine.types import CatalogFile, CatalogModel, Purpose, Shape

MOST_BYTES = 1 << 20
USES = ("chat", "embedding", "reranking")
Sizes = Mapping[str, Mapping[str, tuple[str, int]]]  # by repository and quantization: the file's name and size
Value = TypeVar("Value")


def catalogue(path: Path) -> tuple[CatalogModel, ...]:
    """Every model of the list, the more capable first. Raises `CatalogDamaged` naming what is wrong where."""
    document = _document(path)
    rows = document.get("models") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise CatalogDamaged(path=str(path), why="it holds no list of models")
    models = tuple(_model(path, number, row) for number, row in enumerate(rows, start=1))
    if len({model.repository for model in models}) != len(models):
        raise CatalogDamaged(path=str(path), why="a repository is in it twice")
    return models


def known_sizes(path: Path) -> Sizes:
    """What was kept with `keep_sizes`; nothing where there is none, or it cannot be read any more."""
    try:
        document = _document(path)
        rows = checked(dict[str, dict[str, tuple[str, int]]], document)
    except (CatalogDamaged, FileMissing, TypeError, ValueError, OverflowError):
        return {}
    return {repository: files for repository, files in rows.items() if all(map(_is_sound, files.values()))}


def keep_sizes(path: Path, sizes: Sizes) -> None:
    """Keep what the hub said. Raises `DiskFull`, `FileNotReadable`."""
    written(path, json.dumps(sizes, indent=1) + "\n")


def with_sizes(model: CatalogModel, files: Mapping[str, tuple[str, int]]) -> CatalogModel:
    """The model with the names and sizes that the hub told; what it has no more of is left out."""
    if not files:
        return model
    told = tuple(
        dataclasses.replace(file, name=files[file.quantization][0], size_bytes=files[file.quantization][1], about=False)
        for file in model.files
        if file.quantization in files
    )
    return dataclasses.replace(model, files=told or model.files)


def _document(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise from_os_error(error, path) from error
    if len(raw) > MOST_BYTES:
        raise CatalogDamaged(path=str(path), why="it is larger than such a list can be")
    try:
        return json.loads(raw, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise CatalogDamaged(path=str(path), why="it is not JSON") from error


def _model(path: Path, number: int, row: Any) -> CatalogModel:
    if not isinstance(row, dict):
        raise CatalogDamaged(path=str(path), why=f"entry {number} is no model")
    shape, files = row.get("shape"), row.get("files")
    try:
        model = CatalogModel(
            name=checked(str, row["name"]),
            repository=checked(str, row["repository"]),
            licence=checked(str, row["licence"]),
            languages=checked(tuple[str, ...], row["languages"]),
            purposes=tuple(Purpose(one) for one in checked(tuple[str, ...], row["purposes"])),
            strengths=checked(str, row["strengths"]),
            parameters=checked(int, row["parameters"]),
            context_tokens=checked(int, row["context_tokens"]),
            architecture=checked(str, row["architecture"]),
            use=checked(str, row["use"]),
            files=tuple(_typed(CatalogFile, file) for file in files or ()),
            shape=_typed(Shape, shape) if shape is not None else None,
        )
        for file in model.files:
            Wanted.checked(model.repository, file.name, "main", "").parts()
    except KeyError as error:
        raise CatalogDamaged(path=str(path), why=f"entry {number} has no “{error.args[0]}”") from error
    except (TypeError, ValueError, OverflowError, TextNotAccepted) as error:
        raise CatalogDamaged(path=str(path), why=f"entry {number} holds something that cannot be") from error
    measures = dataclasses.astuple(model.shape) if model.shape else ()
    sizes = [file.size_bytes for file in model.files]
    if not model.files or model.use not in USES or min(model.parameters, *sizes, *measures) <= 0:
        raise CatalogDamaged(path=str(path), why=f"entry {number} holds something that cannot be")
    return model


def _typed(kind: type[Value], row: Any) -> Value:
    """A value of ours from an object of JSON. Raises `TypeError`, `KeyError`, `ValueError`."""
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if not isinstance(row, dict):
        raise TypeError(type(row).__name__)
    for name, field in fields.items():
        if name not in row and field.default is dataclasses.MISSING:
            raise KeyError(name)
    return kind(**{name: checked(fields[name].type, value) for name, value in row.items() if name in fields})


def _is_sound(file: tuple[str, int]) -> bool:
    name, size = file
    try:
        Wanted.checked("owner/name", name, "main", "").parts()
    except TextNotAccepted:
        return False
    return 0 < size < 1 << 50
