"""The pages of the guide as plain text, and the words of a text that somebody might look for it by."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SHORTEST = 12  # characters of a paragraph
SHORTEST_WORD = {"en": 4, "ja": 2}  # letters; shorter ones say little
MOST_HINTS = 4
_SIGNS = '.,;:“”"*。、「」()（）'


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the guide as plain text, in paragraphs."""

    language: str
    name: str
    paragraphs: tuple[str, ...]


def hints(text: str, language: str, chance: random.Random) -> str:
    """One to four of a text's longer words, in their order, as one would type them into a search field."""
    words = text.split() if language == "en" else _stretches(text, chance)
    words = [word.strip(_SIGNS) for word in words]
    kept = [word for word in words if len(word) >= SHORTEST_WORD[language]] or [text[:MOST_HINTS]]
    picked = set(chance.sample(range(len(kept)), min(len(kept), 1 + chance.randrange(MOST_HINTS))))
    return " ".join(word for at, word in enumerate(kept) if at in picked)


def guide_pages(folder: Path, languages: Sequence[str] = ("en", "ja")) -> Iterator[Page]:
    """The pages of the guide without their marks, in paragraphs of a few hundred letters. Raises OSError."""
    for language in languages:
        for path in sorted((folder / language).glob("*.md")):
            if path.stem == "index":
                continue
            parts = path.read_text(encoding="utf-8").split("\n\n")
            plain = [_plain(part, language) for part in parts if not part.startswith(("!", "|", "```"))]
            yield Page(language, path.stem, tuple(part for part in plain if len(part) >= SHORTEST))


def _plain(part: str, language: str) -> str:
    """Markdown's marks left out, lines joined: with a space in English, with nothing in Japanese."""
    lines = [line.strip().lstrip("#-").strip() for line in part.split("\n")]
    text = (" " if language == "en" else "").join(lines)
    out = []
    at = 0
    while at < len(text):  # [words](place) becomes words
        if text[at] == "[" and "](" in text[at:]:
            end = text.index("](", at)
            closing = text.find(")", end)
            out.append(text[at + 1 : end])
            at = closing + 1
            continue
        out.append(text[at])
        at += 1
    return "".join(out).replace("**", "").replace("`", "")


def _stretches(sentence: str, chance: random.Random) -> list[str]:
    """A Japanese sentence in stretches of two to six letters, for want of spaces."""
    found, at = [], 0
    while at < len(sentence):
        length = 2 + chance.randrange(5)
        found.append(sentence[at : at + length])
        at += length
    return found
