"""Which models exist, which are here or elsewhere on this computer, which fit; fetching and making them.

models = Models(store.models, Ledger(store.connections), places)
model = finish(models.add(Path("model.gguf").resolve(), Cancel()))
"""

from engine.models.downloads import Downloads
from engine.models.elsewhere import Elsewhere
from engine.models.finding import Finding
from engine.models.hub_token import HubToken
from engine.models.library import Models

__all__ = ["Downloads", "Elsewhere", "Finding", "HubToken", "Models"]
