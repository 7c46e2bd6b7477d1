"""What the fetcher reports of the hub, as values of ours: types checked once more, and files put together to models.

The fetcher is the process that strangers talk to, so nothing of a report is taken that is not as it was declared.
"""

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from engine.errors import TextNotAccepted
from engine.models.download import Wanted
from engine.models.projector_choice import MARK
from engine.typed import checked
from engine.types import HubModel, HubOffer

MOST_OFFERS = 300  # of one repository; the largest have a hundred
_PART = re.compile(
    r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.(?:gguf|safetensors)", re.DOTALL | re.IGNORECASE
)
_FIELDS: dict[str, Any] = {field.name: field.type for field in dataclasses.fields(HubModel)}
# As the files of models are called by custom: what llama.cpp calls its forms, and what others made of them.
_FORM = re.compile(
    r"(?<![a-z0-9])(?P<form>(?:ud-)?(?:i?q\d(?:_(?:k|\d|nl|xs|xxs|s|m|l|xl))*|tq\d_\d|mxfp4(?:_moe)?|bf16|fp?16|fp?32))"
    r"(?![a-z0-9])",
    re.IGNORECASE,
)


def model_of(row: dict[str, Any]) -> HubModel | None:
    """The model in a row; None where the row is none of ours, or names no repository that can be asked for."""
    try:
        fields = {name: checked(_FIELDS[name], value) for name, value in row.items() if name in _FIELDS}
        model = HubModel(**fields)
        Wanted.checked(model.repository, "model.gguf", "main", "")
    except (TypeError, ValueError, OverflowError, TextNotAccepted):
        return None
    return model


def offers_of(files: Sequence[tuple[str, int]], repository: str) -> tuple[tuple[HubOffer, ...], int]:
    """The model files of a repository, all parts of one as one, the smallest first; and how many cannot be taken."""
    single: list[HubOffer] = []
    parted: dict[str, dict[int, tuple[str, int, int]]] = {}
    refused = 0
    for name, size in files:
        try:
            if name.lower().endswith(".gguf"):
                Wanted.checked(repository, name, "main", "").parts()
        except TextNotAccepted:
            refused += 1
            continue
        part = _PART.fullmatch(name)
        if part is None:
            single.append(HubOffer(file=name, size_bytes=size, quantization=quantization_of(name)))
        else:
            parted.setdefault(part["stem"], {})[int(part["number"])] = name, size, int(part["count"])
    offers = [*single, *(_joined(parts) for parts in parted.values())]
    offers.sort(key=lambda offer: (is_projector(offer.file), offer.size_bytes, offer.file))
    return tuple(offers[:MOST_OFFERS]), refused + max(0, len(offers) - MOST_OFFERS)


def quantization_of(file: str) -> str:
    """The form that a file's name says that its weights have ("Q4_K_M"); "" where it says none."""
    found = [match["form"] for match in _FORM.finditer(file.rsplit("/", 1)[-1])]
    return re.sub("^FP", "F", found[-1].upper()) if found else ""


def is_projector(file: str) -> bool:
    """Whether a file is the part of a model that sees, by its name."""
    return MARK in file.rsplit("/", 1)[-1].casefold()


def _joined(parts: dict[int, tuple[str, int, int]]) -> HubOffer:
    first, _, count = parts[min(parts)]
    return HubOffer(
        file=first,
        size_bytes=sum(size for _, size, _ in parts.values()),
        quantization=quantization_of(first),
        parts=count,
        whole=sorted(parts) == list(range(1, count + 1)),
    )
