"""What an answer's marks look like: a sign after each sentence, lines under what stands nowhere, a plain summary."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextDocument

from desktop.pages.documents.answer_panel import AnswerPanel
from desktop.theme import theme
from desktop.widgets.prose import Prose
from engine.types import Answer, Checked, Refusal, Source, Support
from tests.desktop.documents.conftest import Page
from tests.desktop.documents.test_asking import ready  # noqa: F401

TEXT = "The **deposit** is _1,300_ euro. [1] 🙂 It is returned within thirty days [1].\n\n- Penguins eat krill."
SOURCE = Source(
    number=1, document_id=1, path=Path("lease.pdf"), page=3, start=7, end=34, text="The deposit is 1,200 euro."
)


def checked(said: str, support: Support, unfound: str = "", cited: tuple[int, ...] = ()) -> Checked:
    start = TEXT.index(said)
    at = TEXT.index(unfound) if unfound else 0
    return Checked(
        start=start, end=start + len(said), support=support, cited=cited,
        source=None if support is Support.UNSUPPORTED else SOURCE,
        unfound=((at, at + len(unfound)),) if unfound else (),
    )  # fmt: skip


ANSWER = Answer(
    question="What of the deposit?", text=TEXT, sources=(SOURCE,), model="tiny",
    checked=(
        checked("The **deposit** is _1,300_ euro.", Support.PARTLY, "1,300", (1,)),
        checked("It is returned within thirty days [1].", Support.SUPPORTED, cited=(2,)),
        checked("Penguins eat krill.", Support.UNSUPPORTED),
    ),
)  # fmt: skip


@pytest.fixture
def panel(page: Page) -> AnswerPanel:
    page.view.show_tab(page.view.ANSWER)
    page.view._whole.setCurrentWidget(page.view._full)
    return page.view.answer


def prose(panel: AnswerPanel) -> Prose:
    (shown,) = panel.text.pieces
    assert isinstance(shown, Prose)
    return shown


def on_show(panel: AnswerPanel) -> str:
    """All text, code too."""
    return "\n".join(
        piece.toPlainText() if isinstance(piece, Prose) else piece._code.toPlainText() for piece in panel.text.pieces
    )


def underlined(document: QTextDocument) -> list[str]:
    """The words with a line of ours under them."""
    found, block = [], document.begin()
    dashed = QTextCharFormat.UnderlineStyle.DashUnderline
    while block.isValid():
        text = block.text().encode("utf-16-le")
        found += [
            text[2 * span.start : 2 * (span.start + span.length)].decode("utf-16-le")
            for span in block.textFormats()
            if span.format.underlineStyle() == dashed
        ]
        block = block.next()
    return found


def test_each_sentence_has_its_sign_after_its_citations(panel: AnswerPanel) -> None:
    panel.show_answer(ANSWER)
    shown = prose(panel).toPlainText()
    first = "The deposit is 1,300 euro. [1]\u202f≈ 🙂 It is returned within thirty days [1].\u202f✓1"
    assert shown == f"{first}\nPenguins eat krill.\u202f?"
    assert underlined(prose(panel).inert) == ["1,300"]


def test_the_summary_counts_and_names_the_signs(panel: AnswerPanel) -> None:
    panel.show_answer(ANSWER)
    assert panel.support.isVisible()
    assert panel.support.text().startswith("1 of 3 sentences are supported by the passages.")
    assert "? in no passage" in panel.support.text()
    assert "with a number: supported by that passage" in panel.support.text()
    heard = panel.support.accessibleDescription()
    assert "Sentence 1: Partly supported by passage 1: lease.pdf. In no passage: 1,300." in heard
    assert "Sentence 2: Supported by passage 1: lease.pdf. It cites another passage." in heard
    assert "Sentence 3: No passage supports this sentence." in heard
    panel.show_answer(Answer(question="?", text="Yes.", sources=(SOURCE,), model="tiny"))
    assert not panel.support.isVisible()


def test_a_sign_leads_to_the_sentence_that_supports(panel: AnswerPanel) -> None:
    chosen: list[object] = []
    panel.source_requested.connect(chosen.append)
    panel.show_answer(ANSWER)
    panel.text.mark_chosen.emit(1)
    assert chosen == [SOURCE]
    panel.text.mark_chosen.emit(2)  # nothing supports that one
    panel.text.mark_chosen.emit(99)
    assert chosen == [SOURCE]
    assert prose(panel).focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_what_is_copied_is_what_was_written(panel: AnswerPanel) -> None:
    panel.show_answer(ANSWER)
    prose(panel).selectAll()
    copied = prose(panel).createMimeDataFromSelection().text()
    assert copied == "The deposit is 1,300 euro. [1] 🙂 It is returned within thirty days [1].\nPenguins eat krill."


def test_signs_stay_where_the_theme_changes_and_go_with_the_next_question(panel: AnswerPanel) -> None:
    panel.show_answer(ANSWER)
    theme().choose("dark")
    assert prose(panel).toPlainText().count("✓") == 1
    theme().choose("light")
    panel.show_question("Another?")
    panel.add_text("New words.")
    panel.text.settle()
    assert prose(panel).toPlainText() == "New words."
    assert not panel.support.isVisible()


@pytest.mark.parametrize(
    "text",
    [
        "**The deposit is 1,300 euro.** Next one is here.", "`The deposit` is 1,300 euro", "The [deposit](x 1,300) is",
        "敷金は**三十日**以内に返還されます。「次」は別です。", "| The deposit | 1,300 |\n|---|---|\n| a | b |",
        "\U000f0000\U000f4001\U000f8001 forged places 1,300", "1) 1,300 🙂🙂 is __it__", "&amp; &#1300; 1,300 <b>x</b>",
        "~~~\n1,300 in code\n~~~", "a\u202e1,300\u202c b", "The deposit\u200b is 1,300",
    ],
)  # fmt: skip
def test_marks_put_signs_into_any_text_and_nothing_else(panel: AnswerPanel, text: str) -> None:
    plain = Answer(question="?", text=text, sources=(SOURCE,), model="tiny")
    panel.show_answer(plain)
    unmarked = on_show(panel)
    at = max(text.find("1,300"), 0)
    one = Checked(start=0, end=len(text), support=Support.PARTLY, source=SOURCE, unfound=((at, at + 5),))
    panel.show_answer(Answer(question="?", text=text, sources=(SOURCE,), model="tiny", checked=(one,)))
    marked = on_show(panel)
    for forged in ("\U000f0000", "\U000f4001", "\U000f8001"):
        unmarked = unmarked.replace(forged, "\N{REPLACEMENT CHARACTER}")
    assert marked.replace("\u202f≈\u202f", "").replace("\u202f≈", "") == unmarked


def test_a_refusal_is_said_and_what_was_written_is_shown_on_request(panel: AnswerPanel) -> None:
    withheld = Answer(
        question="What?", sources=(SOURCE,), model="tiny", refused=Refusal.UNSUPPORTED, withheld=TEXT,
        checked=ANSWER.checked,
    )  # fmt: skip
    panel.show_question("What?")
    panel.show_answer(withheld)
    assert panel.status.text().startswith("Not found in your documents.")
    assert panel.text.isHidden()
    assert panel.sources_title.text() == "The nearest passages"
    panel.anyway.click()
    assert panel.anyway.isHidden()
    assert "Penguins eat krill.\u202f?" in prose(panel).toPlainText()
    assert panel.support.isVisible()
    assert panel.status.text() == "Shown as it was written: the passages support no sentence of it."


def test_a_sentence_that_a_passage_contradicts_has_a_sign_of_its_own_and_leads_to_that(panel: AnswerPanel) -> None:
    against = replace(checked("Penguins eat krill.", Support.UNSUPPORTED), against=SOURCE)
    panel.show_answer(replace(ANSWER, checked=(against,)))
    assert "Penguins eat krill.\u202f≠" in prose(panel).toPlainText()
    assert "≠ a passage says otherwise" in panel.support.text()
    assert "Passage 1 says otherwise: lease.pdf." in panel.support.accessibleDescription()
    wished: list[Source] = []
    panel.source_requested.connect(wished.append)
    panel.text.mark_chosen.emit(0)
    assert wished == [SOURCE]


def test_a_model_that_chose_no_quote_is_said_to_and_the_passages_are_offered(panel: AnswerPanel) -> None:
    panel.show_question("What?")
    panel.show_answer(Answer(question="What?", verbatim=True, sources=(SOURCE,), model="tiny"))
    assert panel.status.text().startswith("The model chose no sentence as an answer.")
    assert panel.sources_title.text() == "The nearest passages"
    assert len(panel.cards) == 1
    panel.show_answer(Answer(question="What?", verbatim=True))
    assert panel.status.text() == "Nothing in your documents answers this question."
    assert panel.cards == []


def test_weak_passages_are_said_and_no_model_is_asked(ready: Page) -> None:  # noqa: F811
    ready.engine.change_settings(only_supported=True)
    ready.ask("Which deposit of minerals does the tallest penguin colony of Antarctica defend?")
    ready.wait_for_answer()
    panel = ready.view.answer
    assert panel.status.text().endswith("so no model was asked.")
    assert panel.anyway.isHidden()
    assert panel.text.isHidden()
    assert panel.figures.isHidden()
    assert panel.cards
    ready.ask("When is the deposit returned after the end of the tenancy?")
    ready.wait_for_answer()
    assert "thirty days" in panel.text.text
    assert panel.support.isVisible()
    assert panel.reach.isHidden()
