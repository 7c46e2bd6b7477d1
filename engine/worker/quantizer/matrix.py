"""An importance matrix: which inputs of each of a model's tensors a text uses, and how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # most models are made without a matrix, and numpy takes a while
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """`importance` has for each tensor's name the mean square of each of its inputs, of its experts one after another.

    `chunks` pieces of text were read for it; `called` is what that text is called, "" where the file does not say.
    `file` is the name of the file that it was read from.
    """

    importance: "Mapping[str, NDArray[np.float32]]"
    chunks: int = 0
    called: str = ""
    file: str = ""


@dataclass(slots=True)
class Sums:
    """What is added up for one tensor: squares, a row for each expert, and of how many; one count may be of all."""

    squares: "NDArray[np.float64]"
    counts: "NDArray[np.int64]"
