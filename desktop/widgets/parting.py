"""What is done where no window is open and the data folder is closed: erasing, moving or mending everything."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desktop.jobs import Start


@dataclass(frozen=True)
class Parting:
    """Work that needs the folder to itself. `told` makes the last words from its result.

    `asks` may ask somebody about an error; whether the work is to be tried again with the answer.
    """

    title: str
    start: Start
    told: Callable[[Any], str]
    asks: Callable[[Exception], bool] = lambda _: False
