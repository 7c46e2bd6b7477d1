"""Text without what cannot be kept."""

import unicodedata

from engine.worker.reader.tidy import tidy


def test_every_character_that_cannot_be_kept_becomes_a_space_and_no_other() -> None:
    """Controls but tab and line feed, halves of pairs, and what Unicode calls no character."""
    for code in (*range(0x3100), *range(0xD700, 0xE010), *range(0xFDC0, 0x10010), 0x1F600, 0x1FFFF, 0x10FFFF):
        one = chr(code)
        control = unicodedata.category(one) == "Cc" and one not in "\t\n" and not 0x80 <= code < 0xA0
        unkept = control or 0xD800 <= code < 0xE000 or 0xFDD0 <= code < 0xFDF0 or code & 0xFFFE == 0xFFFE
        assert tidy(f"a\n{one}漢\u3000") == f"a\n{' ' if unkept else one}漢\u3000", hex(code)
