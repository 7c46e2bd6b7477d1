"""Models made here from others: what they would take, what they were made by, and text to measure importance with."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.quantizations import Recipe


class TextOf(StrEnum):
    """Whose text something is measured with."""

    FILE = "file"  # a document on this computer, which is read and not kept
    DOCUMENTS = "documents"  # all that are in the store
    COLLECTION = "collection"
    CHATS = "chats"
    SAMPLE = "sample"  # one that Hanare comes with, in English and Japanese


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """Where an importance matrix comes from: the file of one, or text of the person's, which is measured first.

    `path` is the one file or the other's, `collection` a collection's id. `chunks` pieces of the text are read.
    """

    path: Path | None = None
    text: TextOf | None = None
    collection: int = 0
    chunks: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedSize:
    """What a model would take as `quantization`; 0 bytes: it cannot be made so, and `why`.

    `otherwise` tensors would be kept in a larger form, because their rows do not fit.
    """

    quantization: str
    size_bytes: int
    needs_matrix: bool = False
    otherwise: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How a model of the library came of another: `parent`, by its id, its name then, and the SHA-256 of its file.

    `importance` says in words what the matrix was measured with, "" where there was none; `chunks` pieces of it.
    """

    parent_id: int
    parent: str
    parent_sha256: str
    recipe: Recipe
    importance: str = ""
    chunks: int = 0
    llama_cpp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A folder with a model as it is trained, or an `adapter`: its name, and what its weights take.

    `files` are those that are of use, by their names in the folder, and where each really lies. `repository` is that of
    the hub which the folder's place tells, "" for none. `fetched` tells that it was downloaded here.
    """

    folder: Path
    name: str
    files: dict[str, Path]
    size_bytes: int
    adapter: bool = False
    repository: str = ""
    fetched: bool = False
