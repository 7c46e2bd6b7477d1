"""Pictures that are shown to a model, as they were taken in."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture, upright, of a sane size, without whatever else its file held: made anew by the reader's process.

    `kind` is "png" or "jpeg"; `digest` the SHA-256 of its bytes, by which two pictures are the same. `data` are those
    bytes, empty where only the `thumbnail`, a PNG, is wanted. `id` is 0 until it is kept.
    """

    digest: str
    kind: str
    width: int
    height: int
    name: str = field(default="", compare=False)  # of the file; "" for one that was pasted
    id: int = field(default=0, compare=False)
    thumbnail: bytes = field(default=b"", compare=False, repr=False)
    data: bytes = field(default=b"", compare=False, repr=False)
