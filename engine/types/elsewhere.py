"""Model files that lie on this computer already, mostly because another program fetched them."""

from dataclasses import dataclass
from pathlib import Path

from engine.types.models import ModelFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelElsewhere:
    """One model file, which is used where it lies; `facts` are None where it cannot be used, and `why` says so then.

    `program` is whose folder it lies in, "" in a folder that the person chose. `repository` is where on the hub it
    came from, as far as the folders tell. `projector` is the file with which it sees, where the program keeps one for
    it. `known` is its number in the library, 0 where it is not there.
    """

    path: Path
    name: str
    size_bytes: int
    program: str = ""
    repository: str = ""
    projector: Path | None = None
    facts: ModelFacts | None = None
    why: str = ""
    known: int = 0
