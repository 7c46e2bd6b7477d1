"""How the cells and rows of a table in a document become text: a tab behind each cell, a line for each row."""


def end_paragraph(written: list[str], in_cell: bool) -> None:
    """A paragraph is over; within a cell the next one follows close."""
    written.append("\n" if in_cell else "\n\n")


def end_cell(written: list[str]) -> None:
    """A cell's paragraphs end in a line feed each; the last one gives way to the cell's border."""
    while written and written[-1] == "\n":
        written.pop()
    written.append("\t")


def end_row(written: list[str]) -> None:
    """The empty cells at its end say nothing."""
    while written and written[-1] in ("\t", "\n"):
        written.pop()
    written.append("\n")
