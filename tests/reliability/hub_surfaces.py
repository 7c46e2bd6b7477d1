"""The places in the window that show what the hub says: text of strangers, before anything of it is fetched.

Beside `surfaces`, which has those that show what is here.
"""

from collections.abc import Callable

from PySide6.QtWidgets import QListView, QWidget

from desktop.error_text import error_text
from desktop.pages.models.find_panel import FindPanel
from desktop.pages.models.hub_list import HubDelegate, HubList
from desktop.pages.models.recommended_list import RecommendedList
from desktop.pages.models.repository_panel import RepositoryPanel
from desktop.widgets.banner import Banner
from engine.errors import CatalogDamaged, HubModelNotFound, HubModelRefused, HubSearchRefused
from engine.types import (
    CatalogFile,
    CatalogModel,
    HubFound,
    HubModel,
    HubOffer,
    HubRepository,
    Outlook,
    Purpose,
    Recommendations,
    Recommended,
    Verdict,
)

SEEN = Outlook(verdict=Verdict.TIGHT, need_bytes=1 << 30, tokens_per_s=2.0, slow=True)


def _hub_model(text: str) -> HubModel:
    return HubModel(
        repository=text, licence=text, gated="manual", architecture=text, languages=(text,) * 9, base_models=(text,),
        task=text, library=text,
    )  # fmt: skip


def _repository(text: str) -> HubRepository:
    offers = (HubOffer(file=text, size_bytes=5, quantization=text, outlook=SEEN), HubOffer(file=text, size_bytes=6))
    return HubRepository(model=_hub_model(text), offers=offers, left_out=3)


def _results(text: str) -> QWidget:
    model, view = HubList(), QListView()
    model.setParent(view)
    model.replace([_hub_model(text)])
    view.setModel(model)
    view.setItemDelegate(HubDelegate(view))
    return view


def _opened(text: str) -> QWidget:
    panel = RepositoryPanel()
    panel.show_repository(_repository(text))
    return panel


def _recommended(text: str) -> QWidget:
    model = CatalogModel(
        name=text, repository=text, licence=text, languages=(text,), purposes=(Purpose.CHAT,), strengths=text,
        parameters=1, context_tokens=1, architecture=text, use="chat",
        files=(CatalogFile(quantization=text, name=text, size_bytes=1),),
    )  # fmt: skip
    one = Recommended(model=model, file=model.files[0], outlook=SEEN, best_for=(Purpose.CHAT,))
    shown = RecommendedList()
    shown.show_recommended(Recommendations(models=(one,), too_big=(), measured=True))
    return shown


def _found(text: str) -> QWidget:
    panel = FindPanel()
    panel.show_results(HubFound(models=(_hub_model(text),), left_out=2))
    panel.show_repository(_repository(text))
    return panel


def _refusals(text: str) -> QWidget:
    errors = (
        HubSearchRefused(host=text, why=text), HubModelRefused(host=text, repository=text, why=text),
        HubModelNotFound(host=text, repository=text), CatalogDamaged(path=text, why=text),
    )  # fmt: skip
    return Banner("\n".join(error_text(error).sentence for error in errors))


HUB_SURFACES: dict[str, Callable[[str], QWidget]] = {
    "results of the hub": _results,
    "repository of the hub": _opened,
    "recommended models": _recommended,
    "finding a model": _found,
    "refusals of the hub": _refusals,
}
