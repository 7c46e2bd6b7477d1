"""The pages of the short guide in the window's language: in their order, by group, found by words.

They lie in `docs/guide`, a folder for each language; `index.md` puts them in order.
"""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QLocale

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "guide"
FALLBACK = "en"
FIRST = "what-hanare-is"
# The page that is opened first, by the window's page on show.
ABOUT = {
    "chat": "your-first-chat",
    "documents": "asking-your-documents",
    "compare": "comparing-models",
    "models": "choosing-a-model",
    "privacy": "what-stays-private",
    "settings": "light-dark-and-language",
}
_GROUP, _LISTED = re.compile(r"^## (.+)$"), re.compile(r"^- \[(.+)\]\(([\w-]+)\.md\)$")
_WIDE = r"[\u3000-\u9fff\uff00-\uffef]"
_BROKEN = re.compile(rf"(?<={_WIDE})\n *(?=\**{_WIDE})")  # a line's end within a Japanese sentence is no space
_PICTURE = re.compile(r"^!\[(.*)\]\((.+)\)$", re.MULTILINE)


class GuidePage(NamedTuple):
    """One page; `name` is its file's, without the ending, and the same in every language."""

    name: str
    title: str
    group: str
    text: str


class Picture(NamedTuple):
    """A picture between two stretches of text."""

    path: Path
    words: str


def read_guide(language: str = "", folder: Path = FOLDER) -> tuple[GuidePage, ...]:
    """Every page in the order of the index; `language` "" is the window's."""
    own = folder / (language or QLocale().name()[:2])
    home = own if own.is_dir() else folder / FALLBACK
    pages, group = [], ""
    for line in (home / "index.md").read_text("utf-8").splitlines():
        if found := _GROUP.match(line):
            group = found[1]
        elif found := _LISTED.match(line):
            text = _BROKEN.sub("", (home / f"{found[2]}.md").read_text("utf-8"))
            pages.append(GuidePage(found[2], found[1], group, text))
    return tuple(pages)


def matching(pages: Sequence[GuidePage], words: str) -> tuple[GuidePage, ...]:
    """The pages that have all the words, those with all in the title first; all pages where there are none."""
    wanted = _folded(words).split()
    in_title = [page for page in pages if all(word in _folded(page.title) for word in wanted)]
    others = [page for page in pages if page not in in_title and all(word in _folded(page.text) for word in wanted)]
    return (*in_title, *others)


def pieces(page: GuidePage, folder: Path = FOLDER) -> list[str | Picture]:
    """A page's text without its pictures' lines, and the pictures in between."""
    found: list[str | Picture] = []
    at = 0
    for picture in _PICTURE.finditer(page.text):
        found += [page.text[at : picture.start()], Picture((folder / FALLBACK / picture[2]).resolve(), picture[1])]
        at = picture.end()
    found.append(page.text[at:])
    return [piece for piece in found if not isinstance(piece, str) or piece.strip()]


def _folded(text: str) -> str:
    """As searched: without capital letters, full and half width alike."""
    return unicodedata.normalize("NFKC", text).casefold()
