"""A model that writes noise, asked for quotes from hostile passages, shows no letter that is not in a document.

The real process with a model of random weights is asked again and again, at several temperatures, about papers that
hold grammars, quotes, marks of conversations, controls, sentences alike, and random signs. A failure is text that is
shown beside quotes, a quote that is not, sign for sign, what stands at its place in the store, one that was shown and
is not in the answer, the same one twice, or a question that fails. Of some questions a paper is changed between the
search and the answer: what stood in it before must not be quoted. The worst figure is the letters that are in no
document.
"""

import random
import tempfile
from pathlib import Path

from engine.documents.quotes import MOST_QUOTES
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import EngineError
from engine.events import Event, PassagesFound, QuoteFound, TextAdded
from engine.types import Answer, Model, Quote
from tests.fakes import tiny_gguf
from tests.reliability.hostile_passages import papers
from tests.reliability.row import Outcome, Size, Tally

QUESTIONS = {Size.CHANGE: 40, Size.NIGHT: 1000}
PAPERS = {Size.CHANGE: 60, Size.NIGHT: 200}
CHANGED_EVERY = 10  # questions
TEMPERATURES = (0.0, 0.3, 1.0, 1.5)
ASKED = (
    "deposit", "敷金はいつ返される", "the same sentence", "stop and wrote a backslash", "NONE", "when is it due?",
    "what is the grammar of quotes", "返還", "emoji and marks", "who paid the deposit in red",
)  # fmt: skip


def run(size: Size) -> Outcome:
    """One try a question."""
    tally, chance, quotes = Tally("letters in no document"), random.Random(26), 0
    with tempfile.TemporaryDirectory() as made, Engine.open(Places(Path(made) / "data")) as engine:
        folder = Path(made) / "papers"
        folder.mkdir()
        for number, text in enumerate(papers(PAPERS[size], seed=26)):
            (folder / f"{number}.txt").write_text(text, encoding="utf-8", newline="")
        finish(engine.documents.add([folder], Cancel()))
        models = [finish(engine.models.add(tiny_gguf.write(Path(made) / f"{seed}.gguf", seed=seed), Cancel()))
                  for seed in (1, 2)]  # fmt: skip
        for number in range(QUESTIONS[size]):
            engine.change_settings(answer_tokens=900, temperature=chance.choice(TEMPERATURES))
            question = chance.choice(ASKED)
            try:
                answer, shown, other = asked(engine, question, chance.choice(models), not number % CHANGED_EVERY)
            except EngineError as error:
                tally.failed(f"question {number}, {question!r}: {error}")
                continue
            quotes += len(answer.quotes)
            strange = other + sum(len(quote.text) for quote in shown if not stands(engine, quote))
            tally.saw(strange)
            wrong = [
                what for what, is_so in {
                    f"{strange} letters are in no document": strange,
                    "what was shown is not the answer": shown != list(answer.quotes) or answer.text,
                    "a sentence was quoted twice": len({one.text for one in shown}) != len(shown),
                    "too many were quoted": len(shown) > MOST_QUOTES,
                }.items() if is_so
            ]  # fmt: skip
            tally.check(not wrong, f"question {number}, {question!r}: {', '.join(wrong)}")
    tally.check(quotes > QUESTIONS[size] / 2, f"only {quotes} sentences were quoted: this row proves little")
    return tally.outcome


def asked(engine: Engine, question: str, model: Model, changing: bool) -> tuple[Answer, list[Quote], int]:
    """The answer, the quotes that were shown on the way, and how many letters of other text were."""
    shown: list[Quote] = []
    other = 0
    work = engine.chats.ask(question, Cancel(), model.id, verbatim=True)
    while True:
        try:
            event: Event = next(work)
        except StopIteration as end:
            answer: Answer = end.value
            return answer, shown, other
        if isinstance(event, QuoteFound):
            shown.append(event.quote)
        elif isinstance(event, TextAdded):
            other += len(event.text)
        elif isinstance(event, PassagesFound) and changing and event.sources:
            path = event.sources[0].path
            path.write_text("Now. " + path.read_text(encoding="utf-8"), encoding="utf-8", newline="")
            finish(engine.documents.add([path], Cancel()))


def stands(engine: Engine, quote: Quote) -> bool:
    """Whether a quote is the text at its place in the store, and at that of its source."""
    spot = quote.source
    page = engine.documents.page(spot.document_id, spot.page).text
    return bool(quote.text) and quote.text == spot.text == page[spot.start : spot.end]
