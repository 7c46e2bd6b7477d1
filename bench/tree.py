"""A folder of files as people have them, the same at every run: text, Markdown, web pages, Word, PDF and mails.

Their paragraphs are those of XQuAD and JSQuAD. It is kept below `bench/out/tree`.
"""

import textwrap
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage
from html import escape
from pathlib import Path

import numpy as np
from reportlab.pdfgen.canvas import Canvas

from bench.report import OUT

SHARES = {"txt": 0.34, "md": 0.2, "html": 0.16, "docx": 0.12, "eml": 0.1, "pdf": 0.08}
PARAGRAPHS = 8  # of a file, at most
A_FOLDER = 50  # files
JAPANESE = 0.3  # of the files
LINES = 48  # of a page
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def tree(count: int, english: Sequence[str], japanese: Sequence[str]) -> Path:
    """The folder with `count` files; made where it is not there."""
    folder = OUT / "tree" / str(count)
    whole = folder.with_suffix(".whole")
    if not whole.exists():
        for number in range(count):
            _write(folder, number, english, japanese)
        whole.touch()
    return folder


def _write(folder: Path, number: int, english: Sequence[str], japanese: Sequence[str]) -> None:
    random = np.random.default_rng(number)
    kind = str(random.choice(list(SHARES), p=list(SHARES.values())))
    source = japanese if kind != "pdf" and random.random() < JAPANESE else english
    chosen = random.integers(len(source), size=1 + int(random.integers(PARAGRAPHS)))
    title = f"Note {number}"
    path = folder / f"{number // A_FOLDER:03}" / f"note {number:05}.{kind}"
    path.parent.mkdir(parents=True, exist_ok=True)
    _WRITERS[kind](path, title, [source[at] for at in chosen])


def _text(path: Path, title: str, paragraphs: list[str]) -> None:
    path.write_text("\n\n".join([title, *(textwrap.fill(one, 100) for one in paragraphs)]), encoding="utf-8")


def _markdown(path: Path, title: str, paragraphs: list[str]) -> None:
    parts = [f"## Part {at}\n\n{one}" for at, one in enumerate(paragraphs, start=1)]
    path.write_text("\n\n".join([f"# {title}", *parts]), encoding="utf-8")


def _html(path: Path, title: str, paragraphs: list[str]) -> None:
    body = "".join(f"<p>{escape(one)}</p>\n" for one in paragraphs)
    path.write_text(
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title><style>p {{ margin: 1em }}</style>'
        f"</head><body><h1>{title}</h1>\n{body}</body></html>",
        encoding="utf-8",
    )


def _docx(path: Path, title: str, paragraphs: list[str]) -> None:
    body = "".join(f"<w:p><w:r><w:t>{escape(one)}</w:t></w:r></w:p>" for one in (title, *paragraphs))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS)
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>')


def _mail(path: Path, title: str, paragraphs: list[str]) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ada <ada@example.org>", "Ben <ben@example.org>", title
    mail["Date"] = "Mon, 02 Nov 2026 10:00:00 +0000"
    mail.set_content("\n\n".join(paragraphs))
    path.write_bytes(mail.as_bytes())


def _pdf(path: Path, title: str, paragraphs: list[str]) -> None:
    lines = [line for one in (title, *paragraphs) for line in (*textwrap.wrap(one, 90), "")]
    canvas = Canvas(str(path), invariant=True)
    for first in range(0, len(lines), LINES):
        for at, line in enumerate(lines[first : first + LINES]):
            canvas.drawString(50, 790 - 15 * at, line.encode("latin-1", "replace").decode("latin-1"))
        canvas.showPage()
    canvas.save()


_WRITERS = {"txt": _text, "md": _markdown, "html": _html, "docx": _docx, "eml": _mail, "pdf": _pdf}
