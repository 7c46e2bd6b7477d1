"""Words as the index holds them, and words as a person types them.

Text is folded (NFKC, case, accents), then cut into words. Scripts written without spaces are
cut into overlapping pairs of characters and the last character of each run, so that "設定" and
a single "鍵" are found anywhere; a run of n characters is then a phrase of n - 1 pairs. Line
breaks inside Japanese text and hyphens at line ends are no borders. The same folding, with a
map back to the text, finds what to mark. English words are also kept without their endings. Pure: knows no store.
"""

import functools
import re
import sys
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from operator import add

from engine.documents.folding import CJK, breaks, fold, unbroken
from engine.documents.stems import OTHER_STEMS, stem

_PIECE = re.compile(r"[ぁ-ゖゝゞ]+|[ァ-ヺー-ヿ]+|[가-힣]+|[^ぁ-ゖゝゞァ-ヺー-ヿ가-힣]+")
_CJK_LETTER = re.compile(f"[{CJK}]")
# In folded text that is ASCII these tell words apart as `_word` does, in a fraction of the time; so they do in most
# other texts, once their usual marks are spaces.
_SPACED = {code: " " for code in range(128) if not chr(code).isalnum()}
_FOUR_BYTES = f"utf-32-{sys.byteorder[0]}e"
_USUAL_MARKS = "–—‘’“”、。「」・"
_HIRAGANA = re.compile(r"[ぁ-ゖゝゞー]+")
_PHRASE = re.compile(r'"([^"]+)"|“([^”]+)”|「([^」]+)」|『([^』]+)』|＂([^＂]+)＂')

# Small kana stay small; ヷ to ヺ have no hiragana.
_TO_HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
_TO_KATAKANA = {hiragana: katakana for katakana, hiragana in _TO_HIRAGANA.items()}

LONGEST_RESPELT = 10  # characters; a longer run is a sentence, whose other words tell enough
MOST_TYPED = 6  # a longer line is a question, whose last word is whole

# Words that carry a sentence, not its matter. Nothing is lost by leaving them out of a question
# that has others; a search for one of them alone still works.
COMMON = frozenset(
    re.findall(
        r"\S+",
        """a about after all also am an and any are as at be because been before being between both but by can could
    did do does doing during each either for from further had has have having he her here hers him his how i if in
    into is it its just me more most my no nor not of off on once only or other our out over own s same she should
    so some such t than that the their them then there these they this those through to too under until up very was
    we were what when where which while who whom whose why will with would you your""",
    )
)


@dataclass(frozen=True, slots=True)
class Unit:
    """Something to look for: consecutive words of the index; the last one may be a beginning."""

    words: tuple[str, ...]
    beginning: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a person typed. `must` are the phrases in quotes, any of `may` makes a match, `never` must not be there.

    `also` makes a match, too: other spellings of `may`. `words` are the words of `may` as they were typed, without runs
    of Japanese; `unfinished` is the last one while it may be a beginning.
    """

    must: tuple[Unit, ...]
    may: tuple[Unit, ...]
    never: tuple[Unit, ...] = ()
    also: tuple[Unit, ...] = ()
    words: tuple[str, ...] = ()
    unfinished: str = ""

    def with_words(self, words: Iterable[str]) -> "Query":
        """The same, with these words for some that are misspelt."""
        return replace(self, also=(*self.also, *_word_units(words)))


def index_words(text: str) -> str:
    """The words of `text` in their order, with a space between, as the index is fed.

    Stems that differ from their words follow at the end, where they disturb no phrase.
    """
    folded = unbroken(fold(text))
    if not folded.isascii():
        for mark in _USUAL_MARKS:
            folded = folded.replace(mark, " ")
    if folded.isascii():
        words = spaced = folded.translate(_SPACED).split()
    else:
        words, spaced = [], []
        parts = _run().split(folded)
        for between, run in zip_longest(parts[::2], _paired(parts[1::2])):
            if between and not between.isspace():
                found = between.translate(_SPACED).split() if between.isascii() else _spaced_word().findall(between)
                words += found
                spaced += found
            if run:
                words.append(run)
    return " ".join([*words, *filter(None, map(OTHER_STEMS.__getitem__, spaced))])


def read_query(text: str) -> Query:
    """What to look for. A last word with nothing behind it may be the beginning of a word."""
    must = tuple(unit for found in _PHRASE.finditer(text) if (unit := phrase(next(filter(None, found.groups())))))
    rest = _PHRASE.sub(" ", text)
    folded = unbroken(fold(rest))
    matches = list(_word().finditer(folded))
    words = [match.group() for match in matches if match["word"]]
    kept = [word for word in words if word not in COMMON]
    runs = [match.group() for match in matches if match["run"]]
    if not kept and not runs and not must:
        kept = words
    may = _word_units(kept)
    for run in runs:
        may += _run_units(run)
    typing = bool(matches) and matches[-1].end() == len(folded) and len(matches) <= MOST_TYPED
    last = (matches[-1]["word"] or "") if typing else ""
    if len(last) > 1:
        may.append(Unit((last,), beginning=True))
    also = dict.fromkeys(Unit(_pairs(spelt)) for run in runs for spelt in sorted(other_spellings(run)))
    return Query(
        must=must,
        may=tuple(dict.fromkeys(may)),
        also=tuple(unit for unit in also if unit not in may),
        words=tuple(dict.fromkeys(kept)),
        unfinished=last,
    )


def telling(text: str) -> tuple[str, ...]:
    """The words of `text` that carry its matter, folded, each once, in their order.

    Of Japanese these are the pieces of one script, but for single characters and hiragana, which is mostly grammar.
    """
    found: list[str] = []
    for match in _word().finditer(unbroken(fold(text))):
        if match["word"]:
            found += [match["word"]] if match["word"] not in COMMON else []
        else:
            pieces = (piece.group() for piece in _PIECE.finditer(match["run"]))
            found += [piece for piece in pieces if len(piece) > 1 and not _HIRAGANA.fullmatch(piece)]
    return tuple(dict.fromkeys(found))


def marks(text: str, query: Query) -> tuple[tuple[int, int], ...]:
    """The spans of `text` that match the query, in order, none touching another."""
    folded, starts, ends = _fold_with_map(text)
    tokens = list(_tokens(folded))
    units = query.must + query.may + query.also
    heads = {unit.words[0] for unit in units}
    standing = defaultdict(list)
    for at, (word, _, _) in enumerate(tokens):
        if word in heads:
            standing[word].append(at)
        if (bare := stem(word)) != word and bare in heads:
            standing[bare].append(at)
    spans: list[tuple[int, int]] = []
    for unit in units:
        spans += [(starts[first], ends[last - 1]) for first, last in _places(tokens, standing, unit)]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def mostly_cjk(text: str) -> bool:
    """Whether most letters of `text` are Chinese, Japanese or Korean; a kanji weighs like two letters."""
    dense = len(_CJK_LETTER.findall(text))
    letters = sum(1 for character in text if character.isalnum())
    return 3 * dense > letters


def holds(folded_words: str, unit: Unit) -> bool:
    """Whether text that went through `index_words` holds what `unit` looks for."""
    wanted = " ".join(unit.words)
    padded = f" {folded_words} "
    return f" {wanted}" in padded if unit.beginning else f" {wanted} " in padded


def matter(text: str) -> list[str]:
    """The words that carry the matter of `text`, without their endings; runs of Japanese as pairs of one script.

    Hiragana is mostly grammar and is left out.
    """
    found: list[str] = []
    for match in _word().finditer(unbroken(fold(text))):
        if match["word"]:
            found += [] if match["word"] in COMMON else [stem(match["word"])]
            continue
        for piece in _PIECE.findall(match["run"]):
            if not _HIRAGANA.fullmatch(piece):
                found += _pairs(piece) if len(piece) > 1 else [piece]
    return found


def phrase(text: str) -> Unit | None:
    """Exactly these words in this order; a run's last character is left open where nothing follows."""
    matches = list(_word().finditer(unbroken(fold(text))))
    words: list[str] = []
    for match in matches:
        cut = list(_cut(match))
        if match is matches[-1] and match["run"]:
            if len(cut) == 1:
                return Unit((*words, *cut), beginning=True)
            cut = cut[:-1]
        words += cut
    return Unit(tuple(words)) if words else None


def other_spellings(run: str) -> set[str]:
    """How else a short run of Japanese, or a piece of it in katakana, may be written.

    All in the other kana (ゴミ箱, ごみ箱), the end of it in katakana (消しごむ, 消しゴム), and without the long-vowel
    mark at the end of a loanword (サーバー, サーバ).
    """
    if len(run) > LONGEST_RESPELT:
        return set()
    found = {run.translate(_TO_HIRAGANA), run.translate(_TO_KATAKANA)}
    found |= {run[:at] + run[at:].translate(_TO_KATAKANA) for at in range(1, len(run) - 1)}
    for piece in re.findall("[ァ-ヺー-ヿ]{3,}", run):  # two in hiragana are found in other words: パリ in やっぱり
        found |= {piece.translate(_TO_HIRAGANA), *([piece[:-1]] if piece[-1] == "ー" else [])}
    return {spelt for spelt in found if len(spelt) > 1} - {run}


# Its own affairs.


@functools.lru_cache(maxsize=8192)  # single characters, over and over
def _fold_cluster(cluster: str) -> str:
    return fold(cluster)


def _fold_with_map(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Folded text, and for each of its characters where that came from in `text`."""
    if text.isascii() and "-\n" not in text:  # nothing in it is left out
        return text.lower(), range(len(text)), range(1, len(text) + 1)
    if text.isascii():
        folded, starts, ends = list(text.lower()), list(range(len(text))), list(range(1, len(text) + 1))
    else:
        folded, starts, ends = [], [], []
        for start, end in _clusters(text):
            for character in _fold_cluster(text[start:end]):
                folded.append(character)
                starts.append(start)
                ends.append(end)
    whole = "".join(folded)
    for gap in reversed(list(breaks().finditer(whole))):
        del folded[gap.start() : gap.end()], starts[gap.start() : gap.end()], ends[gap.start() : gap.end()]
    return "".join(folded), starts, ends


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """A character and the marks upon it: what folding may turn into one character."""
    start = 0
    for at in range(1, len(text) + 1):
        if at < len(text) and (unicodedata.combining(text[at]) or "\u1160" <= text[at] <= "\u11ff" or text[at] in "ﾞﾟ"):
            continue
        yield start, at
        start = at


def _cut(match: re.Match[str]) -> Iterator[str]:
    if match["word"]:
        yield match["word"]
        return
    run = match["run"]
    yield from map(add, run, run[1:])
    yield run[-1]


def _paired(runs: Sequence[str]) -> Iterator[str]:
    """Each run as pairs and its last character, with a space between; the pairs of all are made in one go."""
    if not runs:
        return
    characters = array("I", "".join(runs).encode(_FOUR_BYTES))
    written = array("I", [ord(" ")]) * (3 * len(characters))
    written[::3] = characters
    written[1:-3:3] = characters[1:]
    text = written.tobytes().decode(_FOUR_BYTES)
    at = 0
    for run in runs:
        end = at + 3 * len(run)
        yield text[at : end - 2]
        at = end


def _word_units(words: Iterable[str]) -> list[Unit]:
    # Every form of a word is in the index under its stem, too. To look for both would count what has an ending twice,
    # and names once.
    return [Unit((stem(word),)) for word in words]


def _pairs(run: str) -> tuple[str, ...]:
    return tuple(map(add, run, run[1:]))


def _run_units(run: str) -> Iterator[Unit]:
    """What to look for in a run of Japanese: the run, its pieces of one script, and pairs of kanji.

    Pieces in hiragana are mostly grammar; they count only where there is nothing else.
    """
    if len(run) == 1:
        yield Unit((run,), beginning=True)
        return
    pieces = list(_PIECE.finditer(run))
    telling = [piece for piece in pieces if not _HIRAGANA.fullmatch(piece.group())]
    yield Unit(_pairs(run))
    for piece in telling:
        text = piece.group()
        if len(text) == 1:
            follower = run[piece.end() : piece.end() + 1]
            yield Unit((text + follower,)) if follower else Unit((text,), beginning=True)
            continue
        yield Unit(_pairs(text))
        if "\u3400" <= text[0] <= "\u9fff":
            yield from (Unit((pair,)) for pair in _pairs(text))


def _tokens(folded: str) -> Iterator[tuple[str, int, int]]:
    """The words of folded text with their places in it."""
    if folded.isascii():  # no runs
        yield from ((match.group(), *match.span()) for match in _plain().finditer(folded))
        return
    for match in _word().finditer(folded):
        at = match.start()
        for word in _cut(match):
            yield word, at, at + len(word)
            at += 1  # a word stands alone; in a run, each pair begins one further


def _places(
    tokens: list[tuple[str, int, int]], standing: Mapping[str, Sequence[int]], unit: Unit
) -> Iterator[tuple[int, int]]:
    """Where among the words of folded text a unit stands; `standing` has the places of each word and stem."""
    head, last = unit.words[0], unit.words[-1]
    length = len(unit.words)
    anywhere = length == 1 and unit.beginning
    for first in range(len(tokens)) if anywhere else standing.get(head, ()):
        if first + length > len(tokens) or (length > 1 and tokens[first][0] != head):
            continue
        found, _, end = tokens[first + length - 1]
        alike = found == last or (length == 1 and stem(found) == last)
        if not alike and not (unit.beginning and found.startswith(last)):
            continue
        if all(tokens[first + at][0] == word for at, word in enumerate(unit.words[:-1])):
            yield tokens[first][1], end - (len(found) - len(last) if _in_run(last) else 0)


def _in_run(word: str) -> bool:
    match = _word().match(word)
    return match is not None and match["run"] is not None


# These take some hundredths of a second to compile, which no start of the program need wait for.


@functools.cache
def _word() -> re.Pattern[str]:
    return re.compile(rf"(?P<run>[{CJK}]+)|(?P<word>[^\W_{CJK}]+)")


@functools.cache
def _run() -> re.Pattern[str]:
    return re.compile(f"([{CJK}]+)")


@functools.cache
def _spaced_word() -> re.Pattern[str]:
    return re.compile(rf"[^\W_{CJK}]+")


@functools.cache
def _plain() -> re.Pattern[str]:
    return re.compile("[a-z0-9]+")
