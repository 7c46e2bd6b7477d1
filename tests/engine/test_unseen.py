"""What nobody would see is shown; what belongs to ordinary writing is left alone."""

import sys
import unicodedata

import pytest

from engine.unseen import harmless, visible, visible_at

OVERRIDE, SPACE, TAG = "\u202e", "\u200b", "\U000e0041"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202efdp.exe", "invoice‹U+202E›fdp.exe"),
        ("a\u200bb", "a‹U+200B›b"),
        ("\ufeffa", "‹U+FEFF›a"),
        ("a\x1b[31mb\x07\x9b", "a‹U+001B›[31mb‹U+0007›‹U+009B›"),
        ("a\rb", "a‹U+000D›b"),
        ("a\r\nb\tc\n", "a\r\nb\tc\n"),
        ("half \ud800", "half ‹U+D800›"),
        ("a" + TAG * 57, "a‹U+E0041… ×57›"),
        ("a\u200d\u200db", "a‹U+200D›‹U+200D›b"),
        ("\u2028", "‹U+2028›"),
        ("a\u3164b\xad c", "a‹U+3164›b‹U+00AD› c"),
        ("1\ufe0f\ufe0f", "1‹U+FE0F›‹U+FE0F›"),
    ],
)
def test_what_nobody_sees_is_shown_by_its_number(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "plain words, 離れの手引き、Ünïcode",
        "👩‍👩‍👧‍👦 🏴‍☠️ ❤️ 👍🏽 1️⃣ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می‌خواهم",  # Persian, with a non-joiner within the word
        "葛\U000e0100城市",  # a variant that a Japanese name is written with
        "Donau\xaddampf\xadschiff",
        "שלום\u200f (hello)",
        "ไทย\u200bไทย",
    ],
)
def test_ordinary_writing_is_left_alone(text: str) -> None:
    assert visible(text) == text


def test_every_control_and_format_character_of_unicode_is_shown_where_it_stands_alone() -> None:
    seen = "\t\n"
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs") and character not in seen:
            prepended = 0x0600 <= code <= 0x08E2 and code != 0x061C or code in (0x110BD, 0x110CD)  # signs with a shape
            drawn = 0x13430 <= code <= 0x1343F  # how hieroglyphs are set
            assert prepended or drawn or visible(f"a {character}") != f"a {character}", hex(code)


def test_places_in_the_text_move_along() -> None:
    text = f"ab{OVERRIDE}cd{SPACE}ef"
    shown, places = visible_at(text, range(len(text) + 1))
    assert shown == "ab‹U+202E›cd‹U+200B›ef"
    for offset, character in enumerate(text):
        if character.isalpha():
            assert shown[places[offset]] == character
    assert shown[places[2] : places[3]] == "‹U+202E›"
    assert places[-1] == len(shown)


def test_a_piece_of_a_text_keeps_the_joiners_whose_neighbours_are_not_here_yet() -> None:
    assert harmless("👩\u200d") == "👩\u200d"
    assert harmless("\x1b]0;x\x07\u202e") == "‹U+001B›]0;x‹U+0007›‹U+202E›"
