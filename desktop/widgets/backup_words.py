"""What a backup holds, when it was made, and what came of mending with one, in words."""

from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale

from desktop.widgets.amounts import count_text
from desktop.words import tr
from engine.kept import Mended, StoreCounts


def held_text(counts: StoreCounts) -> str:
    """How much that is: "3 chats, 12 messages, 2 documents"."""
    return tr(
        "chats: {chats}, messages: {messages}, documents: {documents}",
        chats=count_text(counts.chats), messages=count_text(counts.messages), documents=count_text(counts.documents),
    )  # fmt: skip


def moment_text(moment: str) -> str:
    """A moment as this computer's clock and language write it."""
    seconds = round(datetime.fromisoformat(moment).timestamp())
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(seconds), QLocale.FormatType.ShortFormat)


def mended_text(mended: Mended) -> str:
    """What there is again, what was read of the damaged file, and where that is."""
    return tr(
        "Now: {now}.\nRead of the damaged file: {count} rows that came after the backup; {lost} could not be read. "
        "Documents that came after it have to be added again.\nThe damaged file is kept in {folder}.",
        now=held_text(mended.after), count=count_text(mended.salvaged), lost=count_text(mended.unreadable),
        folder=mended.damaged,
    )  # fmt: skip
