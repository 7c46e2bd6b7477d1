"""The examination: the questions that were written before the corpus and kept out of it, asked of the finished file.

    PYTHONPATH=packaging python -m guide_model.examine [MODEL.gguf]

`held_out.LANGUAGE.json` holds the questions: "asked", each with the title of the page it goes with, and "outside",
which are to be declined. `facts.LANGUAGE.json` holds what a right answer says, by the number of the question from 0:

    {"asked": {"0": [["Documents"], ["Add files", "Add folder"]], "1": …}}

Each question has groups of texts; an answer is right when it contains one text of every group, whatever their case and
width. No answer may be longer than 80 words, and a question from outside is declined when the answer is one of those of
`corpus/LANGUAGE/outside.txt`. The answers go to `build/guide_model/`, without the questions.
"""

import json
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from guide_model.answering import Answering
from guide_model.corpus import LANGUAGES, MOST_WORDS, OUTSIDE, read, words
from guide_model.places import BUILD, CORPUS, GUIDE_PAGES, HERE, MODEL
from guide_model.samples import answers as every_answer

Facts = Sequence[Sequence[str]]
WANTED_RIGHT, WANTED_DECLINED = 0.85, 0.95


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer. `right`: it holds the facts, or declines what is to be declined; None where no facts are written.

    `from_page` is whether it, or a part of it, is from the question's page.
    """

    number: int
    outside: bool
    answer: str
    words: int
    declined: bool
    from_page: bool | None
    right: bool | None


@dataclass(frozen=True, slots=True)
class Result:
    """The shares of one language, and how many questions they are of."""

    language: str
    right: float
    with_facts: int
    from_page: float
    asked: int
    declined: float
    outside: int
    longest_words: int

    @property
    def passed(self) -> bool:
        """Whether it is what the guide has to be."""
        enough = self.right >= WANTED_RIGHT and self.declined >= WANTED_DECLINED
        return enough and self.with_facts == self.asked and self.longest_words <= MOST_WORDS


def holds(answer: str, facts: Facts) -> bool:
    """Whether an answer contains a text of every group, whatever the case, the width and the room between words."""
    plain = _plain(answer)
    return all(any(_plain(text) in plain for text in group) for group in facts)


def examined(answers: Sequence[Answered], language: str) -> Result:
    """The shares of what was answered in one language."""
    asked = [one for one in answers if not one.outside]
    outside = [one for one in answers if one.outside]
    judged = [one for one in asked if one.right is not None]
    return Result(
        language=language, right=_share([bool(one.right) for one in judged]), with_facts=len(judged),
        from_page=_share([bool(one.from_page) for one in asked]), asked=len(asked),
        declined=_share([one.declined for one in outside]), outside=len(outside),
        longest_words=max((one.words for one in answers), default=0),
    )  # fmt: skip


def answered(
    answering: Answering, language: str, held_out: dict[str, Any], facts: dict[str, Facts], pages: dict[str, str],
    titles: dict[str, str],
) -> list[Answered]:  # fmt: skip
    """Ask everything of one language. `pages` gives the page of an answer, `titles` that of a title."""
    found = []
    for number, one in enumerate(held_out["asked"]):
        said = answering.said(one["question"])
        answer, known = " ".join(said), facts.get(str(number))
        declined = pages.get(said[0]) == OUTSIDE
        right = holds(answer, known) and words(answer, language) <= MOST_WORDS if known is not None else None
        from_page = titles[one["title"]] in map(pages.get, said) if one["title"] in titles else None
        found.append(Answered(number, False, answer, words(answer, language), declined, from_page, right))
    for number, one in enumerate(held_out["outside"]):
        said = answering.said(one["question"])
        answer, declined = " ".join(said), pages.get(said[0]) == OUTSIDE
        found.append(Answered(number, True, answer, words(answer, language), declined, None, declined))
    return found


def titles() -> dict[str, str]:
    """The name of every page of the guide by its English title, by which all questions name it. Raises OSError."""
    found = {}
    for path in sorted((GUIDE_PAGES / "en").glob("*.md")):
        found[path.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ").strip()] = path.stem
    return found


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 where the guide is not what it has to be."""
    model = Path(arguments[0]) if arguments else MODEL
    BUILD.mkdir(parents=True, exist_ok=True)
    possible = every_answer(read(CORPUS).blocks)
    results = []
    print("| Language | Facts in the answer | From the right page | Outside declined | Longest, words |")
    print("|---|--:|--:|--:|--:|")
    with Answering(model) as answering:
        for language in LANGUAGES:
            held_out = json.loads((HERE / f"held_out.{language}.json").read_text(encoding="utf-8"))
            facts_path = HERE / f"facts.{language}.json"
            facts = json.loads(facts_path.read_text(encoding="utf-8"))["asked"] if facts_path.exists() else {}
            answers = answered(answering, language, held_out, facts, possible, titles())
            lines = [json.dumps(asdict(one), ensure_ascii=False) for one in answers]
            (BUILD / f"answers.{language}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
            results.append(examined(answers, language))
            print(_row(results[-1]))
    return 0 if all(result.passed for result in results) else 1


def _row(result: Result) -> str:
    right = f"{result.right:.0%} of {result.with_facts}" if result.with_facts else "no facts are written"
    declined = f"{result.declined:.0%} of {result.outside}"
    page = f"{result.from_page:.0%} of {result.asked}"
    return f"| {result.language} | {right} | {page} | {declined} | {result.longest_words} |"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
