"""Small documents that are read together come out as each does alone, and one that fails costs the others nothing."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.documents.reading import Reader, Text
from engine.documents.together import MOST_BYTES, MOST_FILES, SMALL_BYTES, groups
from engine.documents.walk import Found
from engine.errors import DocumentDamaged, DocumentEmpty, EngineError
from engine.formats import kind_of
from engine.operation import Cancel, finish
from engine.places import Places
from engine.types import Hit, IndexReport
from tests.engine.documents.paper import paragraph, write_docx, write_pdf


@pytest.fixture
def reader(places: Places) -> Iterator[Reader]:
    """The real reader."""
    with closing(Reader(places.private)) as opened:
        yield opened


def together(reader: Reader, *paths: Path) -> dict[str, Text | EngineError]:
    """What is read of these at once, by their names."""
    read = reader.read_together([(path, kind_of(path) or "") for path in paths], Cancel())
    return {path.name: what for path, what in read.items()}


def written(folder: Path) -> list[Path]:
    """A paper of each kind that is read together."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Ada <ada@example.org>", "Plums"
    mail.set_content("Plums are ripe.")
    mail.add_attachment(b"# Jam\n\nBoil it.", maintype="text", subtype="markdown", filename="jam.md")
    cells = [{"cell_type": "markdown", "source": "Plum jam", "metadata": {}}]
    papers = {
        "a.txt": "一つ目の手引き。\nLine two".encode("cp932"),
        "b.md": "# 離れ\n\ntext\n\n## Part\n\nmore".encode(),
        "c.csv": b"name,price\nplum,3\n",
        "d.py": b"print('plum')\n",
        "e.eml": mail.as_bytes(),
        "f.ipynb": json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}).encode(),
        "h.html": b"<!DOCTYPE html><html><head><title>Plums</title></head><body><p>ripe &amp; red</p></body></html>",
        "g.log": "".join(f"Line {number} of a longer text.\n" for number in range(3000)).encode(),
    }
    for name, raw in papers.items():
        (folder / name).write_bytes(raw)
    write_docx(folder / "i.docx", paragraph("Plums") + paragraph("ripe & red"))
    return [*(folder / name for name in papers), folder / "i.docx"]


def test_what_is_read_together_is_what_is_read_alone(folder: Path, reader: Reader) -> None:
    papers = written(folder)
    read = together(reader, *papers)
    assert read == {path.name: reader.read(path, kind_of(path) or "", Cancel()) for path in papers}
    assert any(len(text.pages) > 1 for text in read.values() if isinstance(text, Text))


def test_each_has_its_own_reason(folder: Path, reader: Reader) -> None:
    good, empty, blank, binary = (folder / name for name in ("good.txt", "empty.txt", "blank.md", "binary.txt"))
    good.write_text("plum")
    empty.touch()
    blank.write_text(" \n\n ")
    binary.write_bytes(bytes(range(256)) * 9)
    read = together(reader, empty, blank, binary, good)
    assert isinstance(read["good.txt"], Text)
    assert isinstance(read["blank.md"], DocumentEmpty)
    assert isinstance(read["binary.txt"], DocumentDamaged)
    assert {name: str(what) for name, what in read.items()} == {
        path.name: alone(reader, path) for path in (blank, binary, good)
    }


def alone(reader: Reader, path: Path) -> str:
    """What is read of one by itself, or why it is not."""
    try:
        return str(reader.read(path, kind_of(path) or "", Cancel()))
    except EngineError as error:
        return str(error)


@pytest.mark.parametrize("tags", ["<p>plum</p>", "<p>plum"])
def test_a_page_that_plain_python_reads_is_read_with_others_wherever_it_lies(
    folder: Path, reader: Reader, tags: str
) -> None:
    inner, html, page = folder / "inner.eml", folder / "html.eml", folder / "page.html"
    for path in (inner, html):
        mail = EmailMessage()
        mail["From"] = "ada@example.org"
        mail.set_content(tags if path == html else "plum", subtype="html" if path == html else "plain")
        if path == inner:
            mail.add_attachment(tags.encode(), maintype="text", subtype="html", filename="a.html")
        path.write_bytes(mail.as_bytes())
    page.write_text(tags)
    read = together(reader, inner, html, page)
    assert set(read) == ({"inner.eml", "html.eml", "page.html"} if tags.endswith("</p>") else set())
    assert all(read[name] == reader.read(folder / name, kind_of(folder / name) or "", Cancel()) for name in read)


def test_what_needs_native_code_or_is_not_there_is_left_to_be_read_alone(folder: Path, reader: Reader) -> None:
    paper, broken, text = folder / "with paper.eml", folder / "broken.docx", folder / "text.txt"
    mail = EmailMessage()
    mail["From"] = "ada@example.org"
    mail.set_content("plum")
    pdf = write_pdf(folder / "a.pdf", [["pear"]]).read_bytes()
    mail.add_attachment(pdf, maintype="application", subtype="pdf", filename="a.pdf")
    paper.write_bytes(mail.as_bytes())
    write_docx(broken, "<w:p><w:r><w:t>never closed")
    text.write_text("plum")
    assert set(together(reader, paper, folder / "gone.txt", broken, text)) == {"text.txt"}


def test_a_mail_that_needs_native_code_is_read_all_the_same(
    folder: Path, add: Callable[..., IndexReport], search: Callable[[str], tuple[Hit, ...]]
) -> None:
    mail = EmailMessage()
    mail["From"] = "ada@example.org"
    mail.set_content("<p>a needle", subtype="html")
    (folder / "a.eml").write_bytes(mail.as_bytes())
    for number in range(5):
        (folder / f"{number}.txt").write_text(f"note {number}")
    assert add(folder).read == 6
    assert search("needle")[0].passage.path.name == "a.eml"


def test_all_that_a_reader_had_not_told_of_when_it_was_killed_is_read_again(
    folder: Path, documents: Documents, monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    monkeypatch.setattr(documents, "_reader", Reader(places.private, "tests.fakes.dying_reader"))
    names = [f"{number:02}" for number in range(20)]
    for name in [*names, "10 die"]:
        (folder / f"{name}.txt").write_text(f"needle {name}")
    report = finish(documents.add([folder], Cancel()))
    documents._reader.close()
    assert (report.read, [one.path.name for one in report.failed]) == (20, ["10 die.txt"])
    assert {one.path.stem for one in documents.all()} == {*names, "10 die"}


def test_only_small_files_that_plain_python_may_read_share_a_group(folder: Path) -> None:
    sizes = {f"{number:03}.txt": 100 for number in range(MOST_FILES + 3)}
    sizes |= {f"z{number}.md": SMALL_BYTES for number in range(MOST_BYTES // SMALL_BYTES + 1)}
    sizes |= {"large.txt": SMALL_BYTES + 1, "empty.txt": 0, "table.xlsx": 100, "paper.pdf": 100}
    for name, size in sizes.items():
        (folder / name).write_bytes(b"x" * size)
    found = [Found(str(folder / name), kind_of(Path(name)) or "") for name in sizes]
    found += [Found(str(folder / "gone.txt"), "text"), Found(str(folder), error=DocumentEmpty(path="", why=""))]
    made = groups(found)
    assert sorted(str(one.path) for group in made for one in group) == sorted(str(one.path) for one in found)
    alone = {group[0].path.name for group in made if len(group) == 1}
    assert alone == {"large.txt", "empty.txt", "table.xlsx", "paper.pdf", "gone.txt", folder.name}
    assert max(map(len, made)) == MOST_FILES
    assert all(sum(one.path.stat().st_size for one in group) <= MOST_BYTES for group in made if len(group) > 1)
