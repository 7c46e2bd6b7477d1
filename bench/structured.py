"""Tokens per second under a JSON Schema and under a grammar, against free decoding of the same model.

Through the engine's public face, in one run, in turn, over as many tokens; the ratio is the median over neighbouring
turns. The model has random weights, which is the worst case: hardly a token that it picks between the strings fits,
where a trained one seldom picks another. So two schemas are measured: texts of some length with names around them, as
people ask for, and a list of small figures, nearly all of it punctuation. Quotes are the sentences of five passages of
XQuAD, of which not one word is the model's own choice.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

import psutil

from bench.ours import Ours
from bench.reference import SHARED, missing, model_file
from bench.report import Row, against, publish, skip
from engine.chat import quoting
from engine.forms import FREE, Form, FormKind
from engine.types import Source, Wanted

ANSWER_TOKENS, THREADS = 128, 2
BAR = 0.9
TEXT = {"type": "string", "minLength": 120, "maxLength": 400}
NAMES = ("title", "summary", "next steps")
TEXTS = {"type": "object", "properties": dict.fromkeys(NAMES, TEXT), "required": NAMES}
FIGURE = {
    "type": "object",
    "properties": {"x": {"type": "integer"}, "on": {"type": "boolean"}},
    "required": ["x", "on"],
}
FIGURES = {"type": "array", "items": FIGURE, "minItems": 100}
PASSAGES = 5
LEAST_TOKENS = 20  # of a quote answer, which ends where a sentence ends
FORMS = {
    "a schema of texts": (Form(kind=FormKind.SCHEMA, source=json.dumps(TEXTS)), BAR),
    "any JSON object": (Form(kind=FormKind.JSON), None),
    "a schema of figures": (Form(kind=FormKind.SCHEMA, source=json.dumps(FIGURES)), None),
    "a grammar of letters": (Form(kind=FormKind.GRAMMAR, source="root ::= [a-z ]{2000}"), None),
}  # fmt: skip


def writing(ours: Ours, form: Form) -> tuple[float, int]:
    """Tokens a second from the end of reading to the end of the answer, and how many there were."""
    wanted = Wanted(context_tokens=1024, answer_tokens=ANSWER_TOKENS, temperature=0.7, threads=THREADS, form=form)
    timed = ours.ask([ours.words(8)], wanted)
    tokens = timed.written.speed.tokens
    return (tokens - 1) / timed.writing_s, tokens


def quotes() -> Form:
    """The sentences of some passages."""
    data = json.loads((SHARED / "data/xquad/xquad.en.json").read_text(encoding="utf-8"))["data"]
    texts = [paragraph["context"] for article in data for paragraph in article["paragraphs"]][:PASSAGES]
    return quoting.form_of(
        [
            Source(number=number, document_id=1, path=Path("xquad"), page=1, start=0, end=len(text), text=text)
            for number, text in enumerate(texts, start=1)
        ]
    )


def measure(ours: Ours, rounds: int) -> list[Row]:
    """Each form and free decoding by turns, who goes first changing every time."""
    rows = []
    for name, (form, bar) in {**FORMS, "quotes of five passages": (quotes(), BAR)}.items():
        least = ANSWER_TOKENS if name in FORMS else LEAST_TOKENS
        writing(ours, form)  # what is made once for a model is made here
        pairs: list[tuple[float, float]] = []
        while len(pairs) < rounds:
            order = (form, FREE) if len(pairs) % 2 else (FREE, form)
            found = {one.kind: writing(ours, one) for one in order}
            if found[form.kind][1] >= least and found[FREE.kind][1] == ANSWER_TOKENS:  # noise may end by itself
                pairs.append((found[form.kind][0], found[FREE.kind][0]))
        mine, free = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(with_form / without for with_form, without in pairs)
        if bar is not None:
            rows.append(against(name, mine, free, "tokens/s", at_least=bar, ratio=ratio))
        else:
            rows.append(Row(measure=name, ours=mine, reference=free, ratio=ratio, unit="tokens/s"))
    return rows


def main() -> int:
    """Run the comparison; 1 where the bar does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    if why := missing():
        return skip("structured", why)
    busy = psutil.getloadavg()[0]
    with tempfile.TemporaryDirectory() as private:
        ours = Ours(model_file(), Path(private))
        try:
            rows = measure(ours, rounds)
        finally:
            ours.runtime.close()
    notes = f"Medians of {rounds} turns each, taken alternately in one run; load average at the start {busy:.1f}."
    return publish("structured", rows, notes)


if __name__ == "__main__":
    sys.exit(main())
