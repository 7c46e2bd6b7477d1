"""Ways of asking made into more ways: as people type, with other words for the same, politely, plainly, in haste.

Everything is drawn from the `random.Random` that is given, so that one seed gives one corpus. Words that may stand for
each other lie in `alike.LANGUAGE.tsv`, ours as all of the corpus is: a line holds words that mean the same here.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Variation = Callable[[str, random.Random], str]

FRONT_EN = (
    "please", "hi,", "hello,", "hey,", "can you tell me", "could you tell me", "could you explain", "tell me", "so",
    "quick question:", "I'd like to know", "I want to know", "please explain", "do you know", "help:", "excuse me,",
    "sorry,", "I wonder", "ok,", "and", "just", "question:", "what about this:",
)  # fmt: skip
BACK_EN = (
    "please", "thanks", "thank you", "in hanare", "in this program", "in this app", "here", "exactly", "again",
    "for me", "with this", "on my computer", "now",
)  # fmt: skip
FRONT_JA = (
    "すみません、", "あの、", "質問です。", "えっと、", "こんにちは。", "ちょっと聞きたいのですが、", "ところで、",
    "教えて。", "このアプリで", "このソフトで", "Hanare で", "初心者です。", "では、", "それで、",
)  # fmt: skip
BACK_JA = (
    "教えてください",
    "教えて",
    "を教えてください",
    "お願いします",
    "知りたいです",
    "よくわかりません",
    "なんだけど",
    "のですが",
)
# Beginnings of one meaning; what follows them stays as it is.
BEGINNINGS = (
    ("how do i go about", "how can i", "how do i", "how do you", "how does one", "how should i", "how would i",
     "how to", "what do i do to", "what must i do to", "what is the way to", "what are the steps to", "steps to",
     "i want to", "i would like to", "i'd like to", "i need to", "i have to", "i am trying to", "i'm trying to",
     "help me", "help me to", "show me how to", "tell me how to", "explain how to", "is there a way to",
     "where can i", "way to", "do you know how to", "teach me to", "let me", "instructions to", "any way to",
     "i don't know how to"),
    ("what is meant by", "what do you mean by", "what is", "what's", "whats", "what are", "explain",
     "please explain", "tell me about", "meaning of", "define", "definition of", "describe", "what exactly is",
     "can you explain", "about", "i do not understand", "i don't get", "what kind of thing is"),
    ("can i", "may i", "could i", "am i able to", "is it possible to", "am i allowed to", "does hanare let me",
     "can you", "is there any way to", "is there a way to", "would it be possible to", "does it allow me to"),
    ("where is", "where's", "where do i find", "where can i find", "where are", "where do i see",
     "where can i see", "i can't find", "i cannot find", "i am looking for", "i'm looking for", "how do i find",
     "looking for", "show me"),
    ("why is", "why are", "why's", "how come", "what makes", "for what reason is", "what is the reason that"),
    ("does hanare", "does it", "does the program", "does this app", "will hanare", "will it", "can hanare",
     "can it", "is hanare able to", "is it able to", "does this thing"),
    ("what happens when", "what happens if", "what if", "what will happen if", "what does it do when",
     "what comes when", "what do i expect when", "what follows when"),
)  # fmt: skip
STOP_EN = frozenset(
    ("a", "an", "the", "of", "to", "in", "on", "is", "are", "am", "be", "do", "does", "did", "can", "could", "i", "you",
     "it", "my", "your", "me", "this", "that", "for", "with", "and", "or", "would", "will", "how", "what", "which",
     "there", "please")
)  # fmt: skip
KEPT_EN = frozenset(
    ("not", "no", "without", "never", "more", "less", "than", "before", "after")
)  # they turn a question
PARTICLES = re.compile(r"[はがをにでへとのも]")
# Endings of one meaning, from polite to plain and back: the longer ones first.
ENDINGS = (
    ("はどうすればいいですか", "にはどうしたらいい", "の方法は", "のやり方を教えて"),
    ("どうすればいいですか", "どうしたらいいですか", "どうすればいい", "どうしたらいい", "どうやるの"),
    ("を教えてください", "を教えて", "を知りたい", "が知りたいです", "って何"),
    ("について教えてください", "について教えて", "について", "について知りたい"),
    ("教えてください", "教えて", "知りたい", "教えてほしい"),
    ("とは何ですか", "って何ですか", "って何", "とは", "は何"),
    ("何ですか", "なんですか", "何", "なに"),
    ("できますか", "できる", "できるの", "できるか", "可能ですか"),
    ("ありますか", "ある", "あるの", "あるか"),
    ("いますか", "いる", "いるの"),
    ("されますか", "される", "されるの"),
    ("しますか", "する", "するの", "するか"),
    ("なりますか", "なる", "なるの"),
    ("ですか", "なの", "でしょうか", ""),
    ("したいです", "したい", "したいのですが", "したいんだけど"),
    ("どこですか", "どこ", "どこにありますか", "どこにある"),
    ("方法", "やり方", "しかた", "手順"),
)  # fmt: skip
_ENDS_JA = re.compile("[。．.?？!！\\s]+$")
_NEAR = {"a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
         "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry",
         "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alike:
    """Groups of words that stand for each other, in one language."""

    groups: tuple[tuple[str, ...], ...]
    _by_word: dict[str, tuple[str, ...]]

    @classmethod
    def read(cls, path: Path) -> "Alike":
        """Read a file of lines of words, a tab between them; an absent file is an empty one. Raises OSError."""
        lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
        groups = tuple(tuple(line.split("\t")) for line in lines if line.strip() and not line.startswith("#"))
        found: dict[str, list[str]] = {}
        for group in groups:
            for word in group:
                found.setdefault(word, []).extend(group)
        return cls(groups, {word: tuple(others) for word, others in found.items()})

    def other(self, word: str, chance: random.Random) -> str:
        """Another word for it; itself where none is known."""
        return chance.choice(self._by_word.get(word, (word,)))

    def words(self) -> tuple[str, ...]:
        """Every word that has another one, the longest first."""
        return tuple(sorted(self._by_word, key=lambda word: (-len(word), word)))


def english(alike: Alike) -> Variation:
    """What varies an English question."""
    spaced = tuple(word for word in alike.words() if " " in word)

    def vary(asked: str, chance: random.Random) -> str:
        text = _ends_cut(asked)
        within = _within(text, spaced)
        if chance.random() < 0.35:
            text = _begun_otherwise(text, chance)
        for words in within:
            if words in text and chance.random() < 0.4:
                text = text.replace(words, alike.other(words, chance))
        parts = text.split()
        parts = [
            _kept_case(part, alike.other(part.lower(), chance)) if chance.random() < 0.3 else part for part in parts
        ]
        if chance.random() < 0.12:
            parts = [part for part in parts if part.lower() not in STOP_EN] or parts
        if len(parts) > 3 and chance.random() < 0.15:
            gone = chance.randrange(len(parts))
            if parts[gone].lower() not in KEPT_EN and len(parts[gone]) < 6:
                del parts[gone]
        if chance.random() < 0.04:
            chance.shuffle(parts)
        if chance.random() < 0.12:
            parts = _one_mistyped(parts, chance)
        if chance.random() < 0.14:
            parts.insert(0, chance.choice(FRONT_EN))
        if chance.random() < 0.12:
            parts.append(chance.choice(BACK_EN))
        text = " ".join(parts)
        if chance.random() < 0.5:
            text = text.replace("'", "") if chance.random() < 0.5 else text.replace("'", "\u2019")
        return _cased(text, chance) + chance.choices(("", "?", "??", ".", " ?", "!"), (40, 50, 2, 4, 2, 2))[0]

    return vary


def japanese(alike: Alike) -> Variation:
    """What varies a Japanese question."""
    known = tuple(word for word in alike.words() if len(word) > 1)  # one letter is part of too many words

    def vary(asked: str, chance: random.Random) -> str:
        text = _ENDS_JA.sub("", asked)
        for word in _within(text, known):
            if word in text and chance.random() < 0.3 and (at := _standing_alone(text, word)) is not None:
                text = text[:at] + alike.other(word, chance) + text[at + len(word) :]
        if chance.random() < 0.4:
            text = _ended_otherwise(text, chance)
        if chance.random() < 0.12:
            text = _particles_out(text, chance)
        if len(text) > 6 and chance.random() < 0.06:
            at = chance.randrange(len(text) - 1)
            text = text[:at] + (text[at + 1] + text[at] + text[at + 2 :] if chance.random() < 0.5 else text[at + 1 :])
        if chance.random() < 0.12:
            text = chance.choice(FRONT_JA) + text
        if chance.random() < 0.06:
            text = text + " " + chance.choice(BACK_JA)
        if chance.random() < 0.1:
            text = "".join(_widened(letter) for letter in text)
        return text + chance.choices(("", "？", "?", "。", "！"), (40, 34, 14, 10, 2))[0]

    return vary


@cache
def _within(text: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Those of many words that stand in a text; what is asked comes again in each epoch."""
    return tuple(word for word in words if word in text)


def _ends_cut(text: str) -> str:
    return text.rstrip(" ?.!")


def _begun_otherwise(text: str, chance: random.Random) -> str:
    plain = text.lower()
    for beginnings in chance.sample(BEGINNINGS, len(BEGINNINGS)):
        for beginning in beginnings:
            if plain.startswith(beginning + " "):
                return chance.choice(beginnings) + text[len(beginning) :]
    return text


def _kept_case(like: str, word: str) -> str:
    if like.lower() == word:
        return like
    return word.capitalize() if like[:1].isupper() and word else word


def _cased(text: str, chance: random.Random) -> str:
    way = chance.random()
    if way < 0.34:
        return text.lower()
    if way < 0.62:
        return text[:1].upper() + text[1:]
    return text.upper() if way > 0.97 else text


def _one_mistyped(parts: list[str], chance: random.Random) -> list[str]:
    """One of the longer words with a letter that is out of place, gone, twice there, or the next one's."""
    long = [at for at, part in enumerate(parts) if len(part) > 3 and part.isascii() and part.isalpha()]
    if not long:
        return parts
    at = chance.choice(long)
    word = parts[at]
    place = chance.randrange(1, len(word) - 1)
    wrong = chance.choice((
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        word[:place] + word[place + 1 :],
        word[:place] + word[place] + word[place:],
        word[:place] + chance.choice(_NEAR.get(word[place].lower(), word[place])) + word[place + 1 :],
    ))  # fmt: skip
    return [*parts[:at], wrong, *parts[at + 1 :]]


def _ended_otherwise(text: str, chance: random.Random) -> str:
    for endings in ENDINGS:
        for ending in endings:
            if ending and text.endswith(ending):
                return text[: -len(ending)] + chance.choice(endings)
    return text


def _standing_alone(text: str, word: str) -> int | None:
    """Where a word stands that is no part of a longer one: none of its script goes on before or after it."""
    at = text.find(word)
    before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
    goes_on = any(
        _script(inside) and _script(inside) == _script(beside)
        for inside, beside in ((word[0], before), (word[-1], after))
    )
    return None if goes_on else at


def _script(letter: str) -> str:
    """Which script a letter is of, "" for kana that join words and for what is no letter."""
    if "\u4e00" <= letter <= "\u9fff":
        return "han"
    if "\u30a1" <= letter <= "\u30fc":
        return "katakana"
    return "latin" if letter.isascii() and letter.isalnum() else ""


def _particles_out(text: str, chance: random.Random) -> str:
    """As one types into a search field: some particles gone, a space in their place or none."""
    room = " " if chance.random() < 0.5 else ""
    return PARTICLES.sub(lambda found: room if chance.random() < 0.4 else found[0], text)


def _widened(letter: str) -> str:
    """An ASCII letter, digit or sign at the width of a Japanese one."""
    return chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter
