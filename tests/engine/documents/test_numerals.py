"""Numbers are the same numbers however they are written, in English and in Japanese."""

import pytest

from engine.documents.numerals import numbers


def values(text: str) -> list[set[float]]:
    return [set(one.values) for one in numbers(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,000 euro", 1000), ("1000", 1000), ("１，０００円", 1000), ("a thousand", 1000), ("千円", 1000),
        ("1 000", 1000), ("3.5 million", 3_500_000), ("三百五十万円", 3_500_000), ("350万円", 3_500_000),
        ("1億2000万", 120_000_000), ("12,345,678.9", 12_345_678.9), ("three hundred and fifty", 350),
        ("twenty-one", 21), ("two hundred thousand and one", 200_001), ("the nineteenth century", 19),
        ("19th century", 19), ("一九二三年", 1923), ("令和6年", 2024), ("昭和元年", 1926), ("二千円", 2000),
        ("0,5", 0.5), ("5%", 5), ("the 1990s", 1990), ("十二月", 12),
    ],
)  # fmt: skip
def test_a_number_is_read_whatever_its_form(text: str, value: float) -> None:
    (found,) = values(text)
    assert value in found


@pytest.mark.parametrize(
    "text", ["2024-05-17", "17/5/2024", "May 17, 2024", "17 May 2024", "2024年5月17日", "令和6年5月17日"]
)
def test_a_date_is_its_numbers(text: str) -> None:
    assert sorted(value for found in values(text) for value in found) == [5, 17, 2024]


def test_what_may_be_read_in_two_ways_is() -> None:
    assert values("1.000") == [{1.0, 1000.0}]


@pytest.mark.parametrize(
    "text", ["", "三重県", "十分な", "A4", "COVID19", "May I come in?", "someone", "often", "百合"]
)
def test_what_is_no_number_is_left_alone(text: str) -> None:
    assert values(text) == []


def test_a_number_is_found_where_it_stands() -> None:
    text = "🙂 Im Jahr １９２３ cost it three hundred yen."
    assert [text[one.start : one.end] for one in numbers(text)] == ["１９２３", "three hundred"]


@pytest.mark.parametrize(
    "text", ["9" * 100_000, "9," * 50_000, "兆" * 100_000, "one " * 20_000, "1." * 50_000, "1-" * 50_000]
)
def test_no_text_takes_long_or_fails(text: str) -> None:
    assert len(values(text)) < 100_001
