"""Numbers in a text, whatever their form: 1,000, １０００, "a thousand" and 千 are one number; a date is its numbers.

English and Japanese. Pure.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}  # as many characters as before
_ONES = re.findall(
    r"\w+",
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen""",
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL = {word: value for value, word in enumerate(_ONES)} | {word: 20 + 10 * at for at, word in enumerate(_TENS)}
_ORDINALS = {f"{word.removesuffix('y')}{'ie' if word.endswith('y') else ''}th": _SMALL[word] for word in _SMALL} | {
    "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12,
}  # fmt: skip
_LARGE = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MONTHS = re.findall(
    r"\w+",
    """January February March April May June July August September October November December""",
)
_MONTH = {name: at for at, month in enumerate(_MONTHS, 1) for name in (month, month[:3])} | {"Sept": 9}
_KANJI = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_KANJI_SMALL = {"十": 10, "百": 100, "千": 1000}
_KANJI_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}  # the year before their first

_WORD = "|".join(sorted({*_SMALL, *_ORDINALS, *_LARGE}, key=len, reverse=True))
_NAMED_MONTH = "|".join(sorted(_MONTH, key=len, reverse=True))
_COUNTED = "年月日人個本回時秒円歳代位度倍割章条項階軒社校件名匹枚台つか万億兆"  # what a single 三 is a number before
_PLAIN = r"[0-9]{1,3}(?:[,. '’\u00a0\u202f][0-9]{3})+(?![0-9])(?:[.,][0-9]+)?|[0-9]+(?:[.,][0-9]+)?"
_ANY = re.compile(
    rf"""
    (?P<era>{"|".join(_ERAS)})(?P<of_era>元|[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}})(?=年)
  | (?<![\w.])(?P<date>[0-9]{{4}}([-./])[0-9]{{1,2}}\4[0-9]{{1,2}}|[0-9]{{1,2}}([-./])[0-9]{{1,2}}\5[0-9]{{2,4}})(?!\w)
  | (?<![A-Za-z_0-9])(?P<digits>{_PLAIN})
    (?:(?P<scales>[十百千万億兆]+)(?P<more>(?:[0-9]+[千万億]?)*)|[ -]?(?i:(?P<scale>{"|".join(_LARGE)}))\b)?
  | (?P<kanji>[〇一二三四五六七八九十百千万億兆]{{2,20}}|[〇一二三四五六七八九十百千](?=[{_COUNTED}]))
  | \b(?P<month>{_NAMED_MONTH})\b\.?(?=,?\s*[0-9])|(?<=[0-9]\s)(?P<day_month>{_NAMED_MONTH})\b
  | \b(?i:(?P<words>(?:{_WORD})(?:(?:\s+|-|\s+and\s+)(?:{_WORD}))*))\b
    """,
    re.VERBOSE,
)


class Number(NamedTuple):
    """Where a number stands in a text, and what it may mean: 1.000 is a thousand in some countries."""

    start: int
    end: int
    values: frozenset[float]


def numbers(text: str) -> Iterator[Number]:
    """The numbers in `text`, in their order."""
    for found in _ANY.finditer(text.translate(_NARROW)):
        if found["date"]:
            for part in re.finditer("[0-9]+", found["date"]):
                start = found.start("date")
                yield Number(start + part.start(), start + part.end(), frozenset({float(part[0])}))
        else:
            yield Number(found.start(), found.end(), frozenset(map(float, _values(found))))


# Its own affairs.


def _values(found: re.Match[str]) -> set[float]:
    if found["era"]:
        return {_ERAS[found["era"]] + (1 if found["of_era"] == "元" else next(iter(_digits_or_kanji(found["of_era"]))))}
    if found["digits"]:
        return _scaled(found)
    if found["kanji"]:
        return {_kanji(found["kanji"])}
    if found["words"]:
        return {_words(found["words"])}
    return {_MONTH[found["month"] or found["day_month"]]}


def _scaled(found: re.Match[str]) -> set[float]:
    values = _digits_or_kanji(found["digits"])
    if found["scale"]:
        return {value * _LARGE[found["scale"].lower()] for value in values}
    if not found["scales"]:
        return values
    times = 1
    for scale in found["scales"]:
        times *= (_KANJI_SMALL | _KANJI_LARGE)[scale]
    rest = sum(
        float(part[1]) * (_KANJI_SMALL | _KANJI_LARGE).get(part[2], 1)
        for part in re.finditer("([0-9]+)([千万億]?)", found["more"])
    )
    return {value * times + rest for value in values}


def _digits_or_kanji(text: str) -> set[float]:
    if not text[0].isdigit() or not text[0].isascii():
        return {_kanji(text)}
    grouped = re.fullmatch(r"([0-9]{1,3}(?:[,. '’\u00a0\u202f][0-9]{3})+)(?:[.,]([0-9]+))?", text)
    values = set()
    if grouped:
        values.add(float(re.sub("[^0-9]", "", grouped[1]) + "." + (grouped[2] or "0")))
    if not grouped or re.fullmatch(r"[0-9]+\.[0-9]+", text):
        values.add(float(text.replace(",", ".")))
    return values


def _words(text: str) -> float:
    """Adds up words of numbers: two hundred and five thousand and one."""
    total = part = 0.0
    for word in re.findall("[a-z]+", text.lower()):
        if word in _LARGE:
            part = (part or 1) * _LARGE[word]
            if word != "hundred":
                total, part = total + part, 0
        else:
            part += _SMALL.get(word, _ORDINALS.get(word, 0))
    return total + part


def _kanji(text: str) -> float:
    """Reads 三百五十万 and, digit by digit, 一九二三."""
    if all(letter in _KANJI for letter in text):
        return float("".join(str(_KANJI[letter]) for letter in text))
    total = part = digit = 0.0
    for letter in text:
        if letter in _KANJI:
            digit = 10 * digit + _KANJI[letter]
        elif letter in _KANJI_SMALL:
            part, digit = part + (digit or 1) * _KANJI_SMALL[letter], 0
        else:
            total, part, digit = total + (part + digit or 1) * _KANJI_LARGE[letter], 0, 0
    return total + part + digit
