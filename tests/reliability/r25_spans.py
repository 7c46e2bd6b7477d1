"""What is found or quoted is, sign for sign, what stands at its place in the page that is opened, in every format.

Papers of every format and many encodings are added, each with sentences that hold a word of their own. Every such word
is searched for, and asked about for quotes; words that all papers share are searched for, too, whose passages are
joined. A failure is a word that is not found, a passage or a quoted sentence whose text is not the page's text at its
span, a page that does not hold the sentence as it was written (white space apart), a viewer that shows another text or
marks another stretch of it, or, for a PDF, boxes on the picture of the page that hold other words than the passage.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from engine.engine import Cancel, Engine, Places, finish
from engine.formats import BY_OCR, DRAWN, FORMATS, kind_of
from engine.types import Passage, Source
from tests.reliability import corpus
from tests.reliability.corpus import Paper
from tests.reliability.row import Outcome, Size, Tally

EACH = {Size.CHANGE: 6, Size.NIGHT: 60}  # sentences a paper
LEAST_PASSAGES = {Size.CHANGE: 100, Size.NIGHT: 500}
SHARED = ("lamp", "nobody reads on", "ランプ", "stand", "書かれて")
PICTURE_WIDTH = 900
_SPACE = re.compile("[\\s\u200b]+")
_MARK = re.compile("‹U\\+([0-9A-F]{4,6})›")
KEPT: list[object] = []  # the application lives as long as the process


def run(size: Size) -> Outcome:
    """One try for each sentence that is looked for, and for each passage and quote that comes."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    KEPT.append(QApplication.instance() or QApplication([]))
    tally = Tally()
    with tempfile.TemporaryDirectory() as made, Engine.open(Places(Path(made) / "data")) as engine:
        folder = Path(made) / "papers"
        folder.mkdir()
        papers = corpus.write(folder, EACH[size])
        tally.check({kind_of(paper.path) for paper in papers} == set(FORMATS) - BY_OCR, "a format has no paper")
        report = finish(engine.documents.add([folder], Cancel()))
        for failed in report.failed:
            tally.failed(f"{failed.path.name}: {failed.reason}")
        looked = Looked(engine, tally)
        for paper in papers:
            looked.for_sentences(paper)
        for words in SHARED:
            hits = finish(engine.documents.search(words, Cancel(), limit=1000, by="words"))
            tally.check(bool(hits), f"nothing was found for {words!r}")
            for hit in hits:
                looked.at(hit.passage)
        tally.check(len(looked.seen) >= LEAST_PASSAGES[size], f"only {len(looked.seen)} passages were looked at")
    return tally.outcome


class Looked:
    """Looks up passages and quotes where they say that they stand."""

    def __init__(self, engine: Engine, tally: Tally) -> None:
        from desktop.widgets.page_text import PageText  # once there is an application

        self._engine, self._tally = engine, tally
        self._view = PageText()
        self.seen: set[tuple[int, int, int, int]] = set()

    def for_sentences(self, paper: Paper) -> None:
        """Find every sentence of a paper by its word, and have it quoted."""
        for sentence in paper.sentences:
            hits = finish(self._engine.documents.search(f'"{sentence.word}"', Cancel(), by="words"))
            where = [hit.passage for hit in hits if hit.passage.path == paper.path]
            self._tally.check(len(where) == 1, f"{paper.path.name}: {sentence.word} was found {len(where)} times")
            for passage in where:
                page = self._engine.documents.page(passage.document_id, passage.page).text
                whole = bare(sentence.text) in bare(page)
                self._tally.check(whole, f"{paper.path.name}: the page has no {sentence.text!r}")
                self._tally.check(sentence.word in passage.text, f"{paper.path.name}: {sentence.word} is not in it")
                self.at(passage)
            answer = finish(self._engine.documents.quotes(sentence.word, Cancel()))
            self._tally.check(bool(answer.quotes), f"{paper.path.name}: nothing was quoted for {sentence.word}")
            for quote in answer.quotes:
                self._tally.check(quote.text == quote.source.text, f"{paper.path.name}: a quote of another text")
                self.at(quote.source)

    def at(self, passage: Passage | Source) -> None:
        """Compare a passage with the page, with the viewer's text, and with the words in the boxes of its picture."""
        place = (passage.document_id, passage.page, passage.start, passage.end)
        if place in self.seen:
            return
        self.seen.add(place)
        for what in self._wrong(passage):
            self._tally.failed(f"{passage.path.name}, {passage.place.words}, {passage.start}-{passage.end}: {what}")
        self._tally.passed()

    def _wrong(self, passage: Passage | Source) -> Iterator[str]:
        page = self._engine.documents.page(passage.document_id, passage.page).text
        if not passage.text or page[passage.start : passage.end] != passage.text:
            yield f"{passage.text[:60]!r} is not {page[passage.start : passage.end][:60]!r}"
        self._view.show_text(page, passage.start, passage.end)
        if unmarked(self._view._passage) != passage.text:
            yield f"the viewer marks {unmarked(self._view._passage)[:60]!r}"
        whole = QTextCursor(self._view.document())
        whole.select(QTextCursor.SelectionType.Document)
        if unmarked(whole) != page:
            yield "the viewer shows another text"
        if kind_of(passage.path) in DRAWN:
            words = self._in_boxes(passage)
            if words != bare(passage.text):
                yield f"the boxes hold {words[:60]!r}… instead of {bare(passage.text)[:60]!r}…"

    def _in_boxes(self, passage: Passage | Source) -> str:
        """The words that lie in the boxes of a passage on the picture of its page."""
        picture = finish(
            self._engine.documents.picture(
                passage.document_id, passage.page, Cancel(), PICTURE_WIDTH, passage.start, passage.end
            )
        )
        with pypdfium2.PdfDocument(passage.path) as document:
            page = document[passage.page - 1]
            scale, height = picture.width / page.get_width(), page.get_height()
            text = page.get_textpage()
            words = [
                text.get_text_bounded(left / scale, height - bottom / scale, right / scale, height - top / scale)
                for left, top, right, bottom in picture.boxes
            ]
        return bare("".join(words))


def bare(text: str) -> str:
    """A text without white space, which formats lay out anew."""
    return _SPACE.sub("", text)


def unmarked(cursor: QTextCursor) -> str:
    """What is selected, with the signs that nobody sees in the place of their marks."""
    shown = cursor.selectedText().replace("\u2029", "\n")
    return _MARK.sub(lambda found: chr(int(found[1], 16)), shown)
