"""Where a file stands in a search, in sentences."""

from engine.cli.wording import count, nth, place
from engine.types import FileStanding, NotAdded, Standing

NOT_ADDED = {
    NotAdded.GONE: "There is no such file.",
    NotAdded.FOLDER: "This is a folder; name a file in it.",
    NotAdded.KIND: "It is not among your documents: files of its kind are not read.",
    NotAdded.RULE: "It is not among your documents: a rule of the folder {folder} leaves it out.",
    NotAdded.PAUSED: "It is not among your documents: the folder {folder} is paused.",
    NotAdded.KEPT_OUT: "It is not among your documents: it was erased for good. Add the file itself to have it back.",
    NotAdded.NO_FOLDER: "It is not among your documents, and in no folder that you added.",
    NotAdded.NOT_YET: "It is not among your documents yet: the folder {folder} has not been looked through since.",
}
STANDING = {
    Standing.LISTED: "It is found: {rank} in the list.",
    Standing.SAME: "What it says is found: {rank} in the list, under {of}, which says the same.",
    Standing.BELOW: "It fits, and others fit better: it is not in the list.",
    Standing.NOT_FOUND: "It is not found: it holds none of the words, and is not near in meaning.",
    Standing.NO_PHRASE: "It is not found: no passage of it holds “{why}”.",
    Standing.FORBIDDEN: "It is not found: every passage that fits holds what must not be there ({why}).",
    Standing.FILTERED: "It was not looked through: {why} leaves it out.",
    Standing.EMPTY: "It is not found: it was read, and no text is in it.",
    Standing.NOT_READ: "It could not be read: {why}",
    Standing.IN_TRASH: "It lies in the trash, where nothing is found.",
}


def sentences(file: FileStanding) -> list[str]:
    """Everything that is known of it, the verdict first."""
    if file.standing is Standing.NOT_ADDED:
        verdict = NOT_ADDED[NotAdded(file.why)].format(folder=file.of)
    elif file.standing is Standing.NOT_FOUND and file.cosine is None:
        verdict = "It is not found: it holds none of the words, and meaning was not compared."
    else:
        rank, of = nth(file.rank) if file.rank else "", file.of.name if file.of else ""
        verdict = STANDING[file.standing].format(why=file.why, rank=rank, of=of)
    told = [f"{file.path.name}: {verdict}"]
    if file.best is not None:
        told.append(f"Its best passage: {place(file.best)}.")
        if file.holds:
            told.append(f"That holds: {', '.join(file.holds)}.")
        if file.lacks:
            told.append(f"That lacks: {', '.join(file.lacks)}.")
    if file.word_rank:
        told.append(f"By words it is {nth(file.word_rank)} of {count(file.by_words, 'passage')}.")
    if file.meaning_rank and file.cosine is not None:
        near = "" if file.near else ", too far to be found by it"
        told.append(
            f"By meaning it is {nth(file.meaning_rank)} of {count(file.by_meaning, 'passage')} "
            f"(cosine {file.cosine:.2f}{near})."
        )
    if file.unprepared:
        told.append(f"{file.unprepared} of its {count(file.passages, 'passage')} cannot be found by meaning yet.")
    return told
