"""Model files that lie on this computer already: a line for each, with what it is or why it cannot be used."""

from collections.abc import Sequence

from desktop.widgets.amounts import size_text
from desktop.widgets.table import TableModel
from desktop.words import later, told, tr
from engine.types import ModelElsewhere

NONE = "–"


class ElsewhereModel(TableModel[ModelElsewhere]):
    """By program and name, as the engine has them."""

    titles = (later("Name"), later("Program"), later("Form"), later("Size"), later("Remark"))
    figures = (3,)

    def cells(self, line: ModelElsewhere) -> Sequence[str]:
        """Its name, whose folder it lies in, its quantization, its size, and what else is to be known."""
        form = line.facts.quantization if line.facts else NONE
        program = told(line.program) if line.program else NONE
        return line.name, program, form, size_text(line.size_bytes) if line.size_bytes else NONE, remark(line)

    def tooltip(self, line: ModelElsewhere) -> str:
        """Where it lies, and why it cannot be used."""
        return about(line)


def remark(line: ModelElsewhere) -> str:
    """Whether it can be used, and for what where it is not to chat with."""
    if line.facts is None:
        return tr("Cannot be used")
    if line.known:
        return tr("In your list already")
    if line.projector is not None:
        return tr("Sees pictures")
    return "" if line.facts.use == "chat" else tr("Not for chats")


def about(line: ModelElsewhere) -> str:
    """Where a file lies, and why it cannot be used."""
    if line.facts is None:
        return tr("{path} cannot be used: {why}.", path=line.path, why=told(line.why))
    return str(line.path)
