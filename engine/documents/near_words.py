"""Words of the index that are written nearly as one that a person typed: what a typing error meant.

A distance is the number of letters that are missing, too many, wrong, or swapped with their neighbour (optimal
string alignment). The index's words cannot be looked through as a whole in time, so likely spellings are looked up:
all at distance 1, and where there is none and the word is long, everything at distance 2 that begins like its first
half or at distance 1 of that. Words with two errors in their first half are not found, nor among very many passages
all that have one there.
"""

from collections.abc import Iterator

from engine.documents.spread import Spread
from engine.documents.stems import stem
from engine.documents.words import Query
from engine.store.passages import PassageRows

SHORTEST = 4  # letters; of shorter words, too many are near
LONG, TWO = 8, 2  # letters, from which two errors are forgiven
MOST = 3  # near words that stand for one
SCARCE, MORE = 2, 20  # a word in so few passages may be an error in them: where another is in so many times as many
LOOKED_AT = 100_000  # passages that words with likely beginnings may be in, all together: about 20 ms
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюяё", "αβγδεζηθικλμνξοπρστυφχψω")


def near_words(rows: PassageRows, query: Query, spread: Spread) -> tuple[str, ...]:
    """What to search besides the words of `query` that are in no passage, or in nearly none; nearest first."""
    words = [word for word in query.words if len(word) >= SHORTEST and _alphabet(word)]
    counts = spread.of(form for word in words for form in (word, stem(word)))
    found: list[str] = []
    for word in words:
        known = max(counts[word], counts[stem(word)])
        if known <= SCARCE and not (word == query.unfinished and rows.any_beginning(word)):
            found += _near(rows, word, max(1, MORE * known))
    return tuple(dict.fromkeys(found))


def distance(one: str, other: str) -> int:
    """How many letters are missing, too many, wrong or swapped between two words."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        here = [row]
        for column, another in enumerate(other, start=1):
            cost = min(last[column] + 1, here[column - 1] + 1, last[column - 1] + (letter != another))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == another:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        before, last = last, here
    return last[-1]


# Its own affairs.


def _near(rows: PassageRows, word: str, least: int) -> list[str]:
    """The nearest words that are in at least so many passages, the commonest first."""
    found = {other: count for other, count in rows.spread(_variants(word)).items() if count >= least}
    if not found and len(word) >= LONG:
        half = word[: len(word) // 2]
        beginnings = [half, *sorted(_variants(half), key=lambda one: (-len(one), one))]  # long ones begin fewer words
        begun = rows.beginning_with(beginnings, LOOKED_AT)
        found = {
            other: count
            for other, count in begun.items()
            if count >= least and _may_be_near(word, other) and other.isalpha() and distance(word, other) == TWO
        }
    nearest = sorted(found, key=lambda other: (-found[other], other))[:MOST]
    whole = (_whole(rows, other, found[other]) for other in nearest)
    most = TWO if len(word) >= LONG else 1
    return [other for other in whole if distance(word, other) <= most and rows.is_found(other)]


def _may_be_near(word: str, other: str) -> bool:
    """Whether two words are of nearly one length and of nearly the same letters: quickly told, and true of few."""
    alike = abs(len(word) - len(other)) <= TWO
    return alike and len(set(word) - set(other)) <= TWO and len(set(other) - set(word)) <= TWO


def _whole(rows: PassageRows, word: str, count: int) -> str:
    """The index holds "receiv" for "received": the word of which that is left, where that is all there is of it."""
    fuller = [longer for ending in ("e", "ed", "ing") if stem(longer := word + ending) == word]
    spread = rows.spread(fuller)
    return next((longer for longer in fuller if spread[longer] >= count), word)


def _alphabet(word: str) -> str:
    return next((letters for letters in _ALPHABETS if all(letter in letters for letter in word)), "")


def _variants(word: str) -> set[str]:
    return set(_edited(word, _alphabet(word))) - {word}


def _edited(word: str, alphabet: str) -> Iterator[str]:
    for left, right in [(word[:at], word[at:]) for at in range(len(word) + 1)]:
        if right:
            yield left + right[1:]
            yield from (left + letter + right[1:] for letter in alphabet)
        if len(right) > 1:
            yield left + right[1] + right[0] + right[2:]
        yield from (left + letter + right for letter in alphabet)
