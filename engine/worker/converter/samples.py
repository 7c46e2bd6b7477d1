"""The texts with which a vocabulary is tried: sentences, and what sentences seldom hold.

Every text is the same at every run. Of each script there are letters strewn together too, for a sentence shows few of
them; and what cutting text goes wrong with: spaces, line ends, digits, signs, letters with marks, emojis, code.
"""

import random
from collections.abc import Sequence
from itertools import product

from engine.worker.converter.sentences import SENTENCES

SCRIPTS = {
    "Latin": (0x61, 0x17F), "Greek": (0x391, 0x3C9), "Cyrillic": (0x410, 0x451), "Armenian": (0x561, 0x586),
    "Hebrew": (0x5D0, 0x5EA), "Arabic": (0x621, 0x64A), "Devanagari": (0x905, 0x94D), "Bengali": (0x995, 0x9B9),
    "Tamil": (0xB95, 0xBB9), "Thai": (0xE01, 0xE4E), "Georgian": (0x10D0, 0x10F0), "Hangul": (0xAC00, 0xD7A3),
    "kana": (0x3041, 0x30FE), "Han": (0x4E00, 0x9FA5), "Ethiopic": (0x1200, 0x1248),
}  # fmt: skip
STREWN, WORDS = 14, 6  # texts of each script, and words in each
SPACES = (
    " ", "  ", "   ", "     ", "\t", "\t\t", "\n", "\n\n", "\n\n\n", "\r\n", " \n", "\n ", " \t ", "\u00a0", "\u3000",
    "\u2009", "\x0b", "\x0c",
)  # fmt: skip
SIGNS = (
    "!!!", "...", "?!", "----", "====", "####", "/*", "*/", "://", "\\n", "{}", "[]", "()", "<>", "</p>", "&amp;", "@",
    "#1", "$5", "%", "^^", "~", "``", "```", "''", '""', "|", "_", "__", "+=", "!=", "->", "=>", "«»", "…", "—", "、",
    "。", "！？", "•", "→", "∑", "≠", "½", "²", "№", "™",
)  # fmt: skip
EMOJIS = ("🙂", "👍🏽", "👩‍👩‍👧", "🇯🇵🇫🇷", "❤️", "🏳️‍🌈", "1️⃣", "😀😀😀", "✅ ", "☕️")
NUMBERS = (
    "0",
    "7",
    "42",
    "365",
    "1000",
    "65536",
    "3.14159",
    "1,234,567",
    "0x1F",
    "1e-9",
    "２０２４",
    "٢٠٢٤",
    "१२३",
    "Ⅷ",
    "³",
)
CODE = (
    "def f(x):\n    return x ** 2 if x else None\n", "for (int i = 0; i < n; ++i) {\n\tsum += a[i];\n}",
    'SELECT name, COUNT(*) FROM t WHERE id <> 3 GROUP BY name;', '{"key": [1, 2.5, null], "t": "a\\nb"}',
    "<div class=\"a b\">\n  <p>text</p>\n</div>", "https://example.org/a/b?q=1&r=%20x#top",
    "C:\\Users\\me\\file (2).txt",
    "git commit -m 'fix'  # why", "x=y+z;a[b]=c", "camelCaseName snake_case_name SCREAMING_CASE kebab-case",
)  # fmt: skip
CONTRACTIONS = ("'s", "'S", "'t", "'RE", "'ve", "'M", "'ll", "'D", "\u2019s", "'x")
MARKED = ("e\u0301a\u0308", "\u0928\u093c", "\u1100\u1161", "\u0065\u0323\u0302", "A\u030a", "\u0e01\u0e33", "\ufb01x")


def texts(signs: Sequence[str] = ()) -> list[str]:
    """All texts, more than five hundred; `signs` are tokens of the vocabulary that are looked for as they are."""
    chance = random.Random(59)
    found = [sentence for sentences in SENTENCES.values() for sentence in sentences]
    for low, high in SCRIPTS.values():
        found += [_strewn(chance, low, high) for _ in range(STREWN)]
    found += [f"a{space}b{space}" for space in SPACES] + [f"{space}{space}x 1" for space in SPACES]
    found += [f"{sign}a {sign} {sign}{sign}1" for sign in SIGNS]
    found += [f"{emoji} x{emoji}" for emoji in EMOJIS]
    found += [f"{number} n{number} -{number}{number}" for number in NUMBERS]
    found += [f"it{end} IT{end} {end} 1{end}" for end in CONTRACTIONS]
    found += [f"{marked} x{marked}1" for marked in MARKED]
    found += [*CODE, "", " ", "a", "\n", "word " * 50, "ab" * 60, "\u65e5\u672c\u8a9e" * 20]
    mixed = [sentence for sentences in SENTENCES.values() for sentence in sentences[:2]]
    pairs = enumerate(product(mixed[::5], mixed[::4]))
    found += [f"{one[:9]}{SPACES[number % len(SPACES)]}{two[-9:]}" for number, (one, two) in pairs]
    step = max(1, len(signs) // 200)
    found += [f"a{sign}b {sign} c" for sign in signs[::step]]
    return found


def _strewn(chance: random.Random, low: int, high: int) -> str:
    words = ("".join(chr(chance.randint(low, high)) for _ in range(chance.randint(1, 9))) for _ in range(WORDS))
    return "".join(word + chance.choice((" ", " ", " ", ", ", ". ", " 12 ", "\n", "-")) for word in words)
