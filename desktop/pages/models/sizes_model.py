"""What a model would take in each form: a line for each, and when to take it."""

from collections.abc import Sequence

from desktop.widgets.amounts import short_text, size_text
from desktop.widgets.table import TableModel
from desktop.words import later, told, tr
from engine.quantizations import QUANTIZATIONS, MatrixUse
from engine.types import PreviewedSize

NONE = "–"
MATRIX = {
    MatrixUse.NEEDED: later("needed"),
    MatrixUse.HELPS: later("helps"),
    MatrixUse.UNUSED: later("no use"),
}


class SizesModel(TableModel[PreviewedSize]):
    """Forms by their names, the largest first, as the engine's table has them."""

    titles = (
        later("Form"),
        later("Size"),
        later("Of its size now"),
        later("Bits a weight"),
        later("Importance matrix"),
    )
    figures = (1, 2, 3)
    now_bytes = 0  # what the model takes as it is

    def cells(self, line: PreviewedSize) -> Sequence[str]:
        """Its name, what it takes, how much that is of the present size, bits, and what a matrix is to it."""
        known = QUANTIZATIONS[line.quantization]
        use = MatrixUse.NEEDED if line.needs_matrix else known.matrix
        share = f"{line.size_bytes / self.now_bytes:.0%}" if line.size_bytes and self.now_bytes else NONE
        size = size_text(line.size_bytes) if line.size_bytes else NONE
        return line.quantization, size, share, short_text(known.bits), tr(MATRIX[use])

    def tooltip(self, line: PreviewedSize) -> str:
        """When to take it."""
        return advice_text(line)


def advice_text(line: PreviewedSize) -> str:
    """When to take a form, and what is to be known of it with this model."""
    if not line.size_bytes:
        return tr("llama.cpp cannot make this model so: {why}.", why=told(line.why))
    words = [tr(QUANTIZATIONS[line.quantization].advice)]
    if line.otherwise:
        words.append(tr("{count} of its tensors do not fit this form and are kept in a larger one.",
                        count=line.otherwise))  # fmt: skip
    return " ".join(words)
