"""Which projector of a repository suits a model that is fetched from there: by their names, before anything is fetched.

The best is the smallest that keeps at least 8 bits of each weight: projectors are a small part of what a model weighs
and of its time, and with fewer bits small print and fine shapes suffer first. docs/decisions has the reason.
"""

import os
import re
from collections.abc import Iterable

from engine.types import HubFile

MARK = "mmproj"  # stands in the name of such a file, by custom
ENOUGH_BITS, USUAL_BITS = 8, 16
_FORM = re.compile(r"[-_.]?(?<![a-z0-9])(?:(?P<name>bf16|f16|fp16|f32|fp32)|i?q(?P<bits>\d)(?:_[a-z0-9]+)*)$")
_NAMED = {"bf16": 16, "f16": 16, "fp16": 16, "f32": 32, "fp32": 32}


def best_first(files: Iterable[HubFile], model_file: str) -> tuple[HubFile, ...]:
    """Those of `files` that lie nearest to the model's, the best first; a projector itself needs none."""
    if MARK in _last(model_file):
        return ()
    here = [file for file in files if _folder(file.name) == _folder(model_file)]
    model_stem, _, _ = _form(model_file)

    def rank(file: HubFile) -> tuple[int, bool, int, bool, int, str]:
        stem, bits, brain = _form(file.name)
        alike = len(os.path.commonprefix([stem.replace(MARK, "").strip("-_. "), model_stem]))
        return -alike, bits < ENOUGH_BITS, bits, brain, file.size_bytes, file.name

    return tuple(sorted(here or files, key=rank))


def _form(file: str) -> tuple[str, int, bool]:
    """The name without the form of its weights, their bits, and whether they are bfloat16, which fewer chips reckon."""
    stem = _last(file).removesuffix(".gguf")
    found = _FORM.search(stem)
    if found is None:
        return stem, USUAL_BITS, False
    bits = _NAMED.get(found["name"] or "") or int(found["bits"])
    return stem[: found.start()].rstrip("-_."), bits, found["name"] == "bf16"


def _last(file: str) -> str:
    return file.rsplit("/", 1)[-1].casefold()


def _folder(file: str) -> str:
    return file.rpartition("/")[0]
