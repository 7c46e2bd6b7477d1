"""How the results of a search were found, as a table: a line for each result, best first."""

from desktop.pages.documents.hit_list import place_words
from desktop.widgets.places import place_name
from desktop.widgets.table import TableModel
from desktop.words import later, number_text, tr
from engine.types import Found, Given

NAME, REORDERED, GIVEN = 1, 4, 5
TITLES = (
    later("Place"), later("File"), later("By words"), later("By meaning"), later("Reordered"), later("In the answer"),
)  # fmt: skip
OUTCOMES = {
    Given.GIVEN: later("read by the model"),
    Given.NO_ROOM: later("no room"),
    Given.FURTHER: later("too far down"),
}


class FoundTable(TableModel[Found]):
    """Shows `Found`s."""

    titles = TITLES

    def cells(self, found: Found) -> tuple[str, ...]:
        """What stands in a line, column by column."""
        hit = found.hit
        place = place_name(hit.passage.place)
        name = hit.passage.path.name
        return (
            number_text(hit.rank),
            tr("{file}, {place}", file=name, place=place) if place else name,
            _ranked(hit.word_rank, found.word_score, 1),
            _ranked(hit.meaning_rank, found.cosine, 2),
            place_words(hit.reordered_rank) if hit.reordered_rank else "",
            tr(OUTCOMES[found.given]) if found.given else "",
        )

    def tooltip(self, found: Found) -> str:
        """What is known of it, and how the passage begins."""
        known = [f"{tr(title)}: {cell}" for title, cell in zip(TITLES, self.cells(found), strict=True) if cell]
        return "\n".join([*known, "", found.hit.passage.text[:400]])


def _ranked(rank: int | None, score: float | None, digits: int) -> str:
    """ "3rd · 0.52"; the figure alone where it was not found in this way."""
    parts = [place_words(rank) if rank else "–", number_text(score, digits) if score is not None else ""]
    return " · ".join(filter(None, parts))
