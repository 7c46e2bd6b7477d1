"""Which models were made of which: the large one of several, and what each of the others lost against it."""

from collections.abc import Iterator, Mapping, Sequence

from engine.quantize.naming import plain_name
from engine.types import Cost, Family, Model, Variant


def family(model: Model, models: Sequence[Model], costs: Sequence[Cost]) -> Family:
    """The family of a model.

    The large one is what it was made from in the end, or the largest file of the same model, or what it was measured
    against when that was still here.
    """
    by_id = {one.id: one for one in models}
    oldest = list(_line(model, by_id))[-1]
    alike = [one for one in models if _alike(one, oldest) and oldest not in _line(one, by_id)]  # and not made of it
    large: Model | None = max([oldest, *alike], key=_size)
    measured = [cost for cost in costs if cost.model_id == oldest.id and cost.against_id not in by_id]
    if oldest.made is not None:
        large, large_id, name = None, oldest.made.parent_id, oldest.made.parent
    elif large is not None and (large.id != oldest.id or not measured):
        large_id, name = large.id, large.name
    else:
        large, large_id, name = None, measured[-1].against_id, measured[-1].large.name
    size_bytes = large.facts.size_bytes if large else _size_of(large_id, costs)
    members = [one for one in models if one.id != large_id and _belongs(one, large_id, large, by_id, costs)]
    return Family(
        large=large, name=name, size_bytes=size_bytes,
        variants=tuple(
            Variant(model=one, cost=_cost(one, large_id, costs)) for one in sorted(members, key=_size, reverse=True)
        ),
    )  # fmt: skip


def _line(model: Model, by_id: Mapping[int, Model]) -> Iterator[Model]:
    """A model, what it was made from, what that was made from, and so on."""
    seen: set[int] = set()
    found: Model | None = model
    while found is not None and found.id not in seen:
        yield found
        seen.add(found.id)
        found = by_id.get(found.made.parent_id) if found.made is not None else None


def _belongs(
    model: Model, large_id: int, large: Model | None, by_id: Mapping[int, Model], costs: Sequence[Cost]
) -> bool:
    if any(one.id == large_id or (one.made and one.made.parent_id == large_id) for one in _line(model, by_id)):
        return True
    if large is not None and _alike(model, large):
        return _size(model) < _size(large)
    return _cost(model, large_id, costs) is not None


def _alike(model: Model, other: Model) -> bool:
    """Whether both are one model in different forms, as far as names and headers tell. Copies are alike too."""

    def marks(one: Model) -> tuple[object, ...]:
        facts = one.facts
        name = plain_name(one.name).casefold()
        return name, facts.use, facts.architecture, facts.parameters, facts.layers, facts.vocabulary_mark

    return not model.missing and marks(model) == marks(other)


def _cost(model: Model, large_id: int, costs: Sequence[Cost]) -> Cost | None:
    """The newest measurement of the file as it is."""
    found = [
        cost for cost in costs
        if cost.model_id == model.id and cost.against_id == large_id and cost.small.size_bytes == model.facts.size_bytes
    ]  # fmt: skip
    return found[-1] if found else None


def _size_of(large_id: int, costs: Sequence[Cost]) -> int:
    """How large a model was that is here no more; 0 where nobody has measured against it."""
    return max((cost.large.size_bytes for cost in costs if cost.against_id == large_id), default=0)


def _size(model: Model) -> int:
    return model.facts.size_bytes
