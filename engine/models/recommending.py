"""Which models of the catalogue to take on this computer, and in which order."""

from collections.abc import Collection, Sequence

from engine.loading import LoadOptions
from engine.models.outlook import Unfetched, outlook
from engine.models.pace import Pace
from engine.types import CatalogFile, CatalogModel, Outlook, Purpose, Recommendations, Recommended, Verdict

_ORDER = {Verdict.FITS: 0, Verdict.TIGHT: 1, Verdict.TOO_BIG: 2}


def recommended(
    models: Sequence[CatalogModel], here: Collection[str], options: LoadOptions, found: Pace
) -> Recommendations:
    """The models in the order to look at them; `here` are the repositories of models that are here.

    Those that fit come first, of those the ones that do not write slower than one reads, of those the more capable
    (as the catalogue has them). The first for each purpose is the best for it.
    """
    ranked = [_taken(model, here, options, found) for model in models]
    ranked.sort(key=lambda one: (_ORDER[one.outlook.verdict], one.outlook.slow))  # keeps the catalogue's order
    fitting = [one for one in ranked if one.outlook.verdict is not Verdict.TOO_BIG]
    best = {purpose: next((one for one in fitting if purpose in one.model.purposes), None) for purpose in Purpose}
    told = [_with_best(one, [purpose for purpose in Purpose if best[purpose] is one]) for one in fitting]
    told.sort(key=lambda one: not one.best_for)
    return Recommendations(
        models=tuple(told),
        too_big=tuple(one for one in ranked if one.outlook.verdict is Verdict.TOO_BIG),
        measured=found.measured,
    )


def unfetched(model: CatalogModel, file: CatalogFile) -> Unfetched:
    """One file of a model of the catalogue."""
    return Unfetched(
        size_bytes=file.size_bytes, quantization=file.quantization, parameters=model.parameters,
        context_tokens=model.context_tokens, shape=model.shape, use=model.use,
    )  # fmt: skip


def _taken(model: CatalogModel, here: Collection[str], options: LoadOptions, found: Pace) -> Recommended:
    """The first of its files that fits, else the one that comes nearest to it."""
    outlooks: list[tuple[CatalogFile, Outlook]] = [
        (file, outlook(unfetched(model, file), options, found.bytes_per_s)) for file in model.files
    ]
    file, seen = min(outlooks, key=lambda one: _ORDER[one[1].verdict])
    return Recommended(model=model, file=file, outlook=seen, here=model.repository in here)


def _with_best(one: Recommended, purposes: Sequence[Purpose]) -> Recommended:
    return Recommended(model=one.model, file=one.file, outlook=one.outlook, best_for=tuple(purposes), here=one.here)
