"""What the guide that comes with Hanare is called and said to be, wherever models are shown, and the way beyond it."""

from PySide6.QtWidgets import QPushButton

from desktop.words import later, told, tr
from engine.types import Model

NAME = later("Built-in guide")
ABOUT = later(
    "The built-in guide comes with Hanare. It knows this program and quotes the sentences of your documents that fit "
    "best, nothing else."
)
ABOUT_STAGE = later("The built-in guide as it was earlier in its training. Compare them to see how a model learns.")
BIGGER = later("Get a bigger model")
QUESTIONS = (  # it has learned to answer them
    later("How do I add documents?"),
    later("What stays private?"),
    later("Which model should I choose?"),
)


def shown_name(model: Model) -> str:
    """A model's name; the guide's and its stages' in the window's language."""
    return told(model.name) if model.built_in else model.name


def told_name(name: str) -> str:
    """The same of a name that is kept with an answer."""
    return told(name) if name.startswith(NAME) else name


def bigger_link() -> QPushButton:
    """The way to a bigger model, beside or below the guide's name; connect its `clicked`."""
    button = QPushButton(tr(BIGGER))
    button.setProperty("role", "link")
    button.setProperty("compact", True)
    return button
