"""What was read, cut into passages with their words, ready to keep. Pure."""

from collections.abc import Iterator

from engine.documents.chunks import passages
from engine.documents.reading import Text, Unit
from engine.documents.words import index_words
from engine.store.documents import FileFacts, Settled
from engine.store.pages import PageKept, Stretch
from engine.types import Place


def cut(facts: FileFacts, text: Text) -> Settled:
    """A document's pages with their passages, ready to keep."""
    pages = tuple(page_kept(page) for page in text.pages)
    return Settled(
        facts=facts, paged=text.paged, pages=pages, left_out=" ".join(text.left_out), in_part=text.in_part
    )  # fmt: skip


def page_kept(page: Unit) -> PageKept:
    """A page with its passages, ready to keep."""
    return PageKept(
        text=page.text, stretches=tuple(_stretches(page)), sender=page.sender, pictured=page.pictured
    )  # fmt: skip


def _stretches(page: Unit) -> Iterator[Stretch]:
    """The passages of a page; none crosses from one place into another."""
    starts = [at for at, _ in page.places]
    borders = [(0, Place()), *page.places]
    for (first, place), last in zip(borders, [*starts, len(page.text)], strict=True):
        for start, end in passages(page.text[first:last]):
            start, end = first + start, first + end
            yield Stretch(start=start, end=end, words=index_words(page.text[start:end]), place=place)
