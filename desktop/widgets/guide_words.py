"""What the guide that comes with Hanare is called and said to be, wherever models are shown, and the way beyond it."""

from PySide6.QtWidgets import QPushButton

from desktop.words import later, tr
from engine.types import Model

NAME = later("Built-in guide")
ABOUT = later(
    "The built-in guide comes with Hanare. It knows this program and quotes the sentences of your documents that fit "
    "best, nothing else."
)
BIGGER = later("Get a bigger model")


def shown_name(model: Model) -> str:
    """A model's name; the guide's in the window's language."""
    return tr(NAME) if model.built_in else model.name


def told_name(name: str) -> str:
    """The same of a name that is kept with an answer."""
    return tr(NAME) if name == NAME else name


def bigger_link() -> QPushButton:
    """The way to a bigger model, beside or below the guide's name; connect its `clicked`."""
    button = QPushButton(tr(BIGGER))
    button.setProperty("role", "link")
    button.setProperty("compact", True)
    return button
