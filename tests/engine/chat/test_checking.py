"""Each sentence of an answer is marked by what the passages say, and by nothing else."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.chat.checking import MOST_CHECKED, MOST_PREMISES, checked, refusal
from engine.documents.entailment import Relate, Relation
from engine.types import Place, Refusal, Source, Support

LEASE = (
    "The deposit is 1,200 euro. It is returned within thirty days after the end of the tenancy. "
    "The landlord, Ms Olga Brandt, lives in Vienna."
)
BOILER = "The boiler is serviced every autumn by a company from Graz. The last service was on 17 May 2024."
JAPANESE = "敷金は家賃の二か月分です。契約の終わりから三十日以内に返還されます。管理会社はスカイホームです。"
SUPPORTED, PARTLY, UNSUPPORTED = Support.SUPPORTED, Support.PARTLY, Support.UNSUPPORTED


def sources(*texts: str) -> list[Source]:
    return [
        Source(number=number, document_id=1, path=Path("lease.pdf"), page=1, start=10, end=10 + len(text), text=text)
        for number, text in enumerate(texts, 1)
    ]


def states(text: str, *texts: str) -> list[Support]:
    return [one.support for one in checked(text, sources(*(texts or (LEASE, BOILER, JAPANESE))))]


def unfound(text: str) -> list[str]:
    found = checked(text, sources(LEASE, BOILER, JAPANESE))
    return [text[start:end] for one in found for start, end in one.unfound]


def test_a_sentence_of_the_passages_is_supported_by_itself() -> None:
    text = "It is returned within thirty days after the end of the tenancy [1]. The boiler is serviced every autumn."
    first, second = checked(text, sources(LEASE, BOILER))
    assert (first.support, second.support) == (SUPPORTED, SUPPORTED)
    assert first.source is not None
    assert first.source.text == "It is returned within thirty days after the end of the tenancy."
    assert LEASE[first.source.start - 10 : first.source.end - 10] == first.source.text
    assert second.source is not None
    assert second.source.number == 2
    assert text[second.start : second.end] == "The boiler is serviced every autumn."


def relations(*found: Relation) -> Relate:
    """Says of each pair what is given here, in turn."""
    return lambda pairs: [found[at % len(found)] for at in range(len(pairs))]


def test_what_follows_from_a_passage_is_raised_by_one_and_what_contradicts_it_is_unsupported() -> None:
    given, text = sources(LEASE), "The deposit comes back soon after the end of the tenancy."
    (plain,) = checked(text, given)
    assert plain.support is PARTLY
    (follows,) = checked(text, given, None, relations(Relation(0.9, 0.1, 0.0)))
    assert (follows.support, follows.against) == (SUPPORTED, None)
    (against,) = checked(text, given, None, relations(Relation(0.0, 0.1, 0.9)))
    assert (against.support, against.source) == (UNSUPPORTED, None)
    assert against.against is not None
    (neither,) = checked(text, given, None, relations(Relation(0.3, 0.4, 0.3)))
    assert (neither.support, neither.against) == (PARTLY, None)


def test_a_number_that_stands_nowhere_is_not_supported_whatever_a_model_says() -> None:
    (found,) = checked("The deposit is 1,300 euro.", sources(LEASE), None, relations(Relation(1.0, 0.0, 0.0)))
    assert found.support is PARTLY


def test_what_has_nothing_to_do_with_a_passage_is_not_contradicted_by_it() -> None:
    text = "Penguins mostly eat krill after a service."
    (found,) = checked(text, sources(BOILER), None, relations(Relation(0.0, 0.0, 1.0)))
    assert (found.support, found.against) == (UNSUPPORTED, None)


def test_a_model_is_asked_once_for_all_sentences_and_about_those_that_come_nearest() -> None:
    asked: list[list[tuple[str, str]]] = []

    def relate(pairs: Sequence[tuple[str, str]]) -> list[Relation]:
        asked.append(list(pairs))
        return [Relation(0.0, 1.0, 0.0)] * len(pairs)

    checked("The deposit is 1,200 euro. The boiler is serviced every autumn.", sources(LEASE, BOILER), None, relate)
    (pairs,) = asked
    assert pairs[0][1] == "The deposit is 1,200 euro."
    assert "The deposit is 1,200 euro." in pairs[0][0]
    assert all(1 <= [said for _, said in pairs].count(one) <= MOST_PREMISES for one in {said for _, said in pairs})


def test_numbers_count_whatever_their_form() -> None:
    assert states("The deposit is １２００ euro. It is returned within 30 days after the end of the tenancy.") == [
        SUPPORTED, SUPPORTED,
    ]  # fmt: skip
    assert states("The last service was on 2024-05-17.") == [SUPPORTED]
    assert states("敷金は家賃の2か月分です。") == [SUPPORTED]


def test_a_number_that_stands_nowhere_is_told_and_nothing_with_it_is_supported() -> None:
    text = "The deposit is 1,300 euro. It is returned within ninety days after the end of the tenancy."
    assert unfound(text) == ["1,300", "ninety"]
    assert SUPPORTED not in states(text)


def test_a_number_of_another_sentence_makes_it_partly() -> None:
    assert states("The deposit is 2024 euro.") == [PARTLY]


def test_a_name_that_stands_nowhere_is_told() -> None:
    text = "The landlord, Ms Olga Lindqvist, lives in Vienna. 管理会社はムーンハウスです。"
    assert unfound(text) == ["Lindqvist", "ムーンハウス"]
    assert SUPPORTED not in states(text)


def test_where_a_passage_stands_may_be_said() -> None:
    source = Source(
        number=1, document_id=1, path=Path("Tenancy.pdf"), page=7, start=0, end=len(LEASE), text=LEASE, paged=True,
        place=Place(kind="page", number=7),
    )  # fmt: skip
    (found,) = checked("The deposit is 1,200 euro (Tenancy, page 7).", [source])
    assert found.unfound == ()


def test_what_has_nothing_to_do_with_the_passages_is_in_none() -> None:
    (found,) = checked("Penguins eat mostly krill and small fish.", sources(LEASE, BOILER))
    assert (found.support, found.source) == (UNSUPPORTED, None)
    assert states("ペンギンはオキアミを食べる。") == [UNSUPPORTED]


def test_japanese_is_supported_by_japanese() -> None:
    assert states("敷金は家賃の二か月分です。三十日以内に返還されます。") == [SUPPORTED, SUPPORTED]


def test_one_short_passage_is_enough() -> None:
    (found,) = checked(
        "Sencha tea is usually steeped for one minute.", sources("Sencha is steeped for one minute at 70 °C.")
    )
    assert found.support is SUPPORTED


def test_a_citation_of_another_passage_is_told() -> None:
    right, wrong, none = checked(
        "The deposit is 1,200 euro. [1] The boiler is serviced every autumn [1]. The deposit is 1,200 euro.",
        sources(LEASE, BOILER),
    )
    assert (right.cited, right.cites_another) == ((1,), False)
    assert (wrong.cited, wrong.cites_another) == ((1,), True)
    assert (none.cited, none.cites_another) == ((), False)


def test_only_what_says_something_is_checked() -> None:
    text = (
        "# The deposit\n\n1. The deposit is 1,200 euro.\n- Yes, it is.\n\n```\nprint(77)\n```\n"
        "Is there more? [1]\n\n---\n| Deposit | 1,200 |\n"
    )
    said = [text[one.start : one.end] for one in checked(text, sources(LEASE))]
    assert said == ["The deposit is 1,200 euro.", "| Deposit | 1,200 |"]


def test_meaning_counts_where_there_is_an_embedder() -> None:
    text = "One gets the money back a month later."
    assert states(text, LEASE) == [UNSUPPORTED]
    (found,) = checked(text, sources(LEASE), lambda texts, others: [[0.1, 0.99, 0.1] for _ in texts])
    assert found.support is not UNSUPPORTED
    assert found.source is not None
    assert found.source.text.startswith("It is returned")


def test_an_answer_is_supported_where_one_of_its_sentences_is() -> None:
    assert refusal(checked("Penguins eat krill. The deposit is 1,200 euro.", sources(LEASE))) is None
    assert refusal(checked("Penguins eat krill. Krill is small.", sources(LEASE))) is Refusal.UNSUPPORTED
    assert refusal(checked("", sources(LEASE))) is Refusal.UNSUPPORTED


@pytest.mark.parametrize(
    "text",
    [
        "", " \n ", "[1][2][3]", "?", "\0\0", "\ud800 half a pair.", "\u202eThe deposit", "|a|b|\n|-|-|\n|1|2|", "```",
        "[" * 5000, "(" * 5000, "# " * 5000, "-" * 5000, "\N{COMBINING ACUTE ACCENT}" * 3000, "A." * 5000, "🙂" * 3000,
        "<img src=x onerror=alert(1)>", "[x](https://example.org/1 2)", "１" * 5000, "一" * 5000,
    ],
)  # fmt: skip
def test_whatever_a_model_writes_every_mark_lies_within_it(text: str) -> None:
    for given in ((), sources(LEASE, BOILER), sources(text, text)):
        for one in checked(text, given):
            assert 0 <= one.start < one.end <= len(text)
            assert all(one.start <= start < end <= one.end for start, end in one.unfound)


def test_a_very_long_answer_is_marked_as_far_as_it_goes() -> None:
    text = "The deposit is 1,200 euro and more words stand here than there. " * 20_000
    asked: list[int] = []

    def near(texts: object, others: object) -> list[list[float]]:
        asked.append(len(texts))  # type: ignore[arg-type]
        return [[0.5] * len(others) for _ in texts]  # type: ignore[arg-type, attr-defined]

    assert len(checked(text, sources(*[LEASE * 40] * 20), near)) == MOST_CHECKED
    assert asked[0] < 100
