"""Where a file stands in a search, in sentences."""

from desktop.pages.documents.hit_list import place_words
from desktop.widgets.amounts import count_text
from desktop.widgets.passage_text import snippet
from desktop.widgets.places import place_name
from desktop.widgets.row_paint import home_words
from desktop.words import later, number_text, told, tr
from engine.types import FileStanding, NotAdded, Standing

EXCERPT = 80  # characters
NOT_ADDED = {
    NotAdded.GONE: later("There is no such file."),
    NotAdded.FOLDER: later("This is a folder. Choose a file in it."),
    NotAdded.KIND: later("It is not among your documents: files of its kind are not read."),
    NotAdded.RULE: later("It is not among your documents: a rule of the folder {folder} leaves it out."),
    NotAdded.PAUSED: later("It is not among your documents: the folder {folder} is paused."),
    NotAdded.KEPT_OUT: later(
        "It is not among your documents: it was erased for good. Add the file itself to have it back."
    ),
    NotAdded.NO_FOLDER: later("It is not among your documents, and in no folder that you added."),
    NotAdded.NOT_YET: later(
        "It is not among your documents yet: the folder {folder} has not been looked through since it is there."
    ),
}
STANDING = {
    Standing.LISTED: later("It is found: {rank} in the list."),
    Standing.SAME: later("What it says is found: {rank} in the list, under {of}, which says the same."),
    Standing.BELOW: later("It fits, and others fit better: it is not in the list."),
    Standing.NOT_FOUND: later("It is not found: it holds none of the words, and is not near in meaning."),
    Standing.NO_PHRASE: later("It is not found: no passage of it holds “{why}”."),
    Standing.FORBIDDEN: later("It is not found: every passage that fits holds what must not be there ({why})."),
    Standing.FILTERED: later("It was not looked through: {why} leaves it out."),
    Standing.EMPTY: later("It is not found: it was read, and no text is in it."),
    Standing.NOT_READ: later("It could not be read: {why}"),
    Standing.IN_TRASH: later("It lies in the trash, where nothing is found."),
}


def verdict(file: FileStanding) -> str:
    """In one sentence."""
    if file.standing is Standing.NOT_ADDED:
        return tr(NOT_ADDED[NotAdded(file.why)], folder=home_words(file.of) if file.of else "")
    if file.standing is Standing.NOT_FOUND and file.cosine is None:
        return tr("It is not found: it holds none of the words, and meaning was not compared.")
    rank, of = place_words(file.rank) if file.rank else "", file.of.name if file.of else ""
    why = told(file.why) if file.standing is Standing.NOT_READ else file.why
    return tr(STANDING[file.standing], rank=rank, of=of, why=why)


def particulars(file: FileStanding) -> list[str]:
    """What else is known of it, a sentence each."""
    parts = []
    if file.best is not None:
        place = place_name(file.best.place) or f"“{snippet(file.best.text, most=EXCERPT).text}”"
        parts.append(tr("Its best passage: {place}", place=place))
        if file.holds:
            parts.append(tr("That holds: {words}", words=", ".join(file.holds)))
        if file.lacks:
            parts.append(tr("That lacks: {words}", words=", ".join(file.lacks)))
    if file.word_rank:
        parts.append(
            tr(
                "By words: {place} of {count} passages",
                place=place_words(file.word_rank),
                count=count_text(file.by_words),
            )
        )
    if file.meaning_rank and file.cosine is not None:
        sentence = (
            later("By meaning: {place} of {count} passages, cosine {cosine}")
            if file.near
            else later("By meaning: {place} of {count} passages, cosine {cosine}, too far to be found by it")
        )
        parts.append(
            tr(
                sentence, place=place_words(file.meaning_rank), count=count_text(file.by_meaning),
                cosine=number_text(file.cosine, 2),
            )
        )  # fmt: skip
    if file.unprepared:
        parts.append(
            tr(
                "{count} of its {all} passages cannot be found by meaning yet",
                count=count_text(file.unprepared), all=count_text(file.passages),
            )
        )  # fmt: skip
    return parts
