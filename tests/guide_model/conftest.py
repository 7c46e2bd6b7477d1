"""A corpus of a few blocks and a network of a few thousand values, for the recipe of the guide model."""

from pathlib import Path

import pytest
import torch

from guide_model.corpus import Block, Corpus, divided, read
from guide_model.guide_text import Page
from guide_model.network import Network, Shape
from guide_model.samples import Samples, answers
from guide_model.spelling import Spelling, learned
from guide_model.unknown import Strange
from guide_model.variation import Alike, english, japanese

torch.set_num_threads(1)  # two wait for each other by spinning: on a busy computer that is many times as slow
THINGS = ("a file", "files", "a document", "a folder", "papers", "a pdf")
ASKED = "".join(f"? how do I add {what}\n" for what in THINGS)
FILES = {
    "en/pages/adding.txt": f"# a comment\n{ASKED}! Open Documents and choose Add files….\n\n? stop\n! Press Stop.\n",
    "en/outside.txt": "? what is the capital of Peru\n? tell me a joke\n! I know only this program.\n",
    "en/reading.txt": "> The sea is salt. The moon is far.\n? what is salt\n! The sea is salt.\n",
    "ja/pages/adding.txt": "? 文書を追加するには\n? 文書の入れ方は？\n! 「文書」で「ファイルを追加…」を選びます。\n",
    "ja/outside.txt": "? ペルーの首都は\n! このプログラムのことしか知りません。\n",
}


def written(folder: Path, files: dict[str, str]) -> Path:
    """The folder, with these files in it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """A small corpus without faults."""
    return read(written(tmp_path / "corpus", FILES))


@pytest.fixture
def blocks(corpus: Corpus) -> tuple[Block, ...]:
    """Its blocks."""
    return corpus.blocks


@pytest.fixture
def pages() -> list[Page]:
    """Two pages of a guide."""
    return [
        Page("en", "adding", ("Open Documents. Add files brings documents in.",)),
        Page("ja", "adding", ("文書を開きます。ファイルを追加すると、文書が入ります。",)),
    ]


@pytest.fixture
def spelling(blocks: tuple[Block, ...], pages: list[Page]) -> Spelling:
    """A vocabulary of that corpus."""
    texts = [text for block in blocks for text in (*block.asked, *block.answers, *block.passages)]
    return learned([*texts * 3, *(text for page in pages for text in page.paragraphs)], answers(blocks), 200)


@pytest.fixture
def shape(spelling: Spelling) -> Shape:
    """A network of two narrow layers."""
    return Shape(vocabulary=len(spelling), width=64, layers=2, heads=2, key_heads=2, feed_forward=96)


@pytest.fixture
def network(shape: Shape) -> Network:
    """Of weights by chance, large enough that what it says differs from place to place."""
    found = Network(shape, seed=1).eval()
    for weight in found.parameters():
        if weight.dim() == 2:
            weight.data *= 8
    return found


@pytest.fixture
def samples(blocks: tuple[Block, ...], pages: list[Page], spelling: Spelling) -> Samples:
    """Of the small corpus."""
    nothing = Alike((), {})
    variations = {"en": english(nothing), "ja": japanese(nothing)}
    strange = {language: Strange(["documents"]) for language in variations}
    return Samples(divided(blocks).learned, pages, spelling, variations, strange)
