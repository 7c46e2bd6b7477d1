"""What came of adding and of searching, in words."""

from desktop.widgets.amounts import count_text
from desktop.words import tr
from engine.events import HitsFound
from engine.types import Counts, IndexReport


def search_words(event: HitsFound) -> str:
    """What was done in a search besides looking for the words; "" where nothing was."""
    also = tr("Also searched: {words}", words=", ".join(event.also)) if event.also else ""
    return " · ".join(filter(None, (also, _reordered_words(event))))


def _reordered_words(event: HitsFound) -> str:
    """What a reranking model did to the results; "" where none is chosen."""
    if event.not_reordered:
        return tr("Not put in order: {why}", why=event.not_reordered)
    if event.reordered_s:
        return tr("Put in order in {seconds} s", seconds=f"{event.reordered_s:.1f}")
    return ""


def report_words(report: IndexReport) -> str:
    """What came of adding, in one or two sentences."""
    read, restored, failed = report.read, report.restored, len(report.failed)
    if restored and not read:
        one = restored == 1
        words = (
            tr("1 document is back from the trash.") if one
            else tr("{count} documents are back from the trash.", count=count_text(restored))
        )  # fmt: skip
    elif read:
        words = tr("1 document was read.") if read == 1 else tr("{count} documents were read.", count=count_text(read))
    elif report.moved:
        one = report.moved == 1
        words = tr("1 file has moved.") if one else tr("{count} files have moved.", count=count_text(report.moved))
    elif report.removed:
        one = report.removed == 1
        words = (
            tr("1 file is gone; its document is in the trash.") if one
            else tr("{count} files are gone; their documents are in the trash.", count=count_text(report.removed))
        )  # fmt: skip
    elif report.away:
        words = tr("{name} is not there now.", name=report.away[0].name)
    elif report.unchanged:
        words = tr("Nothing new: everything was already here.")
    else:
        words = "" if failed else tr("There was nothing there that Hanare can read.")
    if failed:
        bad = tr("1 could not be read.") if failed == 1 else tr("{count} could not be read.", count=count_text(failed))
        words = f"{words} {bad}".strip()
    return words


def counts_words(counts: Counts) -> str:
    """How much there is."""
    documents = (
        tr("1 document") if counts.documents == 1 else tr("{count} documents", count=count_text(counts.documents))
    )
    passages = tr("1 passage") if counts.passages == 1 else tr("{count} passages", count=count_text(counts.passages))
    return f"{documents} · {passages}"
