"""The models made of one, a line for each, and in words what each lost and saves."""

from collections.abc import Sequence

from desktop.widgets.amounts import count_text, short_text, size_text
from desktop.widgets.figures import rate_text
from desktop.widgets.table import TableModel
from desktop.words import later, number_text, told, tr
from engine.types import Cost, Variant
from engine.unseen import visible

NONE = "–"
DIVERGENCE_DECIMALS = 4
LONG = 1e6  # from here on a perplexity is noise, whatever its figures are


class VariantsModel(TableModel[Variant]):
    """The largest first."""

    titles = (
        later("Model"),
        later("Size"),
        later("Of the large one"),
        later("Same word"),
        later("Divergence"),
    )
    figures = (1, 2, 3, 4)
    large_bytes = 0

    def cells(self, line: Variant) -> Sequence[str]:
        """What it is called, its size, and what it lost, where that was measured."""
        size_bytes = line.model.facts.size_bytes
        share = f"{size_bytes / self.large_bytes:.0%}" if self.large_bytes else NONE
        cost = line.cost
        if cost is None:
            return line.model.name, size_text(size_bytes), share, NONE, NONE
        return (
            line.model.name, size_text(size_bytes), share, f"{number_text(100 * cost.same, 1)}%",
            number_text(cost.divergence, DIVERGENCE_DECIMALS),
        )  # fmt: skip

    def tooltip(self, line: Variant) -> str:
        """With which text it was measured."""
        return measured_text(line.cost) if line.cost else tr("Not measured yet.")


def perplexity_text(perplexity: float) -> str:
    """Four figures, and the power of ten of what is noise."""
    return short_text(perplexity) if perplexity < LONG else f"{perplexity:.1e}"


def sentence(cost: Cost) -> str:
    """What it comes to."""
    share = number_text(cost.share, 2)
    return tr("At {share} of the size it chooses the same word {count} times in 100.",
              share=share, count=cost.same_in_100)  # fmt: skip


def savings_text(cost: Cost) -> str:
    """Memory and speed of both."""
    small, large = cost.small, cost.large
    return tr(
        "It needs {small} of memory in a chat, the large one {large}. It reads {reading} tokens per second "
        "(the large one {large_reading}) and writes {writing} ({large_writing}).",
        small=size_text(small.memory_bytes), large=size_text(large.memory_bytes),
        reading=rate_text(small.reading_per_s), large_reading=rate_text(large.reading_per_s),
        writing=rate_text(small.writing_per_s), large_writing=rate_text(large.writing_per_s),
    )  # fmt: skip


def measured_text(cost: Cost) -> str:
    """With which text, and the figures that others know it by."""
    return tr(
        "Measured with {text}, at {count} places. Divergence {mean}, at 99 of 100 places below {tail}; perplexity "
        "{small}, of the large one {large}.",
        text=visible(told(cost.text)), count=count_text(cost.words),
        mean=number_text(cost.divergence, DIVERGENCE_DECIMALS),
        tail=number_text(cost.divergence_99, DIVERGENCE_DECIMALS),
        small=perplexity_text(cost.small.perplexity), large=perplexity_text(cost.large.perplexity),
    )  # fmt: skip
