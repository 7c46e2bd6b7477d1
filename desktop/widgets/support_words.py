"""How far an answer is supported, in words and signs: the line above it, and a sign after each sentence."""

from collections.abc import Sequence

from desktop.widgets.places import place_text
from desktop.widgets.prose_marks import Mark
from desktop.words import later, tr
from engine.types import Checked, Refusal, Support

# For each state its sign, the colour token of the sign, and its name in the legend.
SIGNS = {
    Support.SUPPORTED: ("✓", "good", later("supported")),
    Support.PARTLY: ("≈", "warn", later("partly")),
    Support.UNSUPPORTED: ("?", "bad", later("in no passage")),
}
AGAINST = ("≠", "bad", later("a passage says otherwise"))


def marks_of(checked: Sequence[Checked], text: str) -> list[Mark]:
    """A sign for each sentence of `text`; those that a passage supports lead to it by their place in `checked`."""
    marks = []
    for at, one in enumerate(checked):
        sign, tint, _ = SIGNS[one.support] if not one.against else AGAINST
        if one.source and one.cites_another:
            sign += str(one.source.number)
        number = at if one.source or one.against else None
        marks.append(Mark(one.start, one.end, sign, tint, sentence_words(one, text), number, one.unfound))
    return marks


def summary_words(checked: Sequence[Checked]) -> str:
    """How many sentences are supported, and what the signs mean; empty where there is nothing to say."""
    if not checked:
        return ""
    supported = sum(one.support is Support.SUPPORTED for one in checked)
    if len(checked) == 1:
        said = tr("The sentence is supported by the passages.") if supported else tr(
            "The sentence is not fully supported by the passages.")  # fmt: skip
    else:
        said = tr("{count} of {all} sentences are supported by the passages.", count=supported, all=len(checked))
    there = {one.support for one in checked if not one.against}
    signs = [sign for support, sign in SIGNS.items() if support in there]
    signs += [AGAINST] if any(one.against for one in checked) else []
    legend = [f"{sign} {tr(name)}" for sign, _, name in signs]
    if any(one.cites_another for one in checked):
        legend.append(tr("with a number: supported by that passage, not by the one it cites"))
    if any(one.unfound for one in checked):
        legend.append(tr("underlined: a number or name that stands in no passage"))
    return f"{said}  {' · '.join(legend)}"


def sentence_words(one: Checked, text: str) -> str:
    """What there is to say about one sentence, for its tooltip and for those who hear the page."""
    said = []
    if one.against is not None:
        place = {"number": one.against.number, "place": place_text(one.against)}
        said.append(tr("Passage {number} says otherwise: {place}.", **place))
    elif one.source is None:
        said.append(tr("No passage supports this sentence."))
    else:
        place = {"number": one.source.number, "place": place_text(one.source)}
        said.append(
            tr("Supported by passage {number}: {place}.", **place) if one.support is Support.SUPPORTED else
            tr("Partly supported by passage {number}: {place}.", **place)
        )  # fmt: skip
    if one.cites_another:
        said.append(tr("It cites another passage."))
    if one.unfound:
        words = ", ".join(text[start:end] for start, end in one.unfound)
        said.append(tr("In no passage: {words}.", words=words))
    return " ".join(said)


def heard_words(checked: Sequence[Checked], text: str) -> str:
    """The same of every sentence, each with its number."""
    return "\n".join(
        tr("Sentence {number}: {words}", number=number, words=sentence_words(one, text))
        for number, one in enumerate(checked, 1)
    )


def refusal_words(refusal: Refusal, *, shown: bool = False) -> str:
    """Why nothing is answered; `shown`: what was written is on show all the same."""
    if shown:
        return {
            Refusal.UNCHECKED: tr("Shown as it was written: Hanare ended before it was compared with your documents."),
        }.get(refusal, tr("Shown as it was written: the passages support no sentence of it."))
    return {
        Refusal.NOTHING: tr("Not found in your documents. No passage in them matches, so no model was asked."),
        Refusal.WEAK: tr(
            "Not found in your documents. The passages that come nearest do not answer, so no model was asked."
        ),
        Refusal.UNSUPPORTED: tr(
            "Not found in your documents. The passages support no sentence of what the model wrote, so it is not shown."
        ),
        Refusal.UNCHECKED: tr(
            "What the model wrote was not compared with your documents before Hanare ended, so it is not shown."
        ),
    }[refusal]
