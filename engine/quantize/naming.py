"""What a model that is made here is called, and its file."""

import re
from collections.abc import Collection
from pathlib import Path

from engine.quantizations import QUANTIZATIONS

LONGEST = 120
_FORM = re.compile(
    r"[ ._-]*(?<![A-Za-z0-9])(?:" + "|".join(sorted(QUANTIZATIONS, key=len, reverse=True)) + r")(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")


def named(parent: str, quantization: str) -> str:
    """ "Llama-3.2-1B-F16" becomes "Llama-3.2-1B-Q4_K_M"."""
    return f"{plain_name(parent) or 'model'}-{quantization}"


def plain_name(name: str) -> str:
    """ "Llama-3.2-1B-F16" is "Llama-3.2-1B" without its form."""
    return _FORM.sub("", name).strip(" ._-")


def free_path(folder: Path, name: str, taken: Collection[Path] = ()) -> Path:
    """A path in `folder` that nobody has or has `taken`, called after `name`; no letter of it steers a system."""
    stem = _UNSAFE.sub("-", name).strip(".-")[:LONGEST] or "model"
    numbers = ("", *(f"-{number}" for number in range(2, 10_000)))
    paths = (folder / f"{stem}{number}.gguf" for number in numbers)
    return next(path for path in paths if path not in taken and not path.exists())
