"""A folder with papers of every format, full of sentences that can be told apart, in English, Japanese and odd Unicode.

Each sentence holds a word of its own that no other one holds, and stands in a paragraph as long as a passage. What a
format cannot hold (Japanese in Latin-1, an emoji in the fonts of a PDF) is left out of papers of that format.
"""

import csv
import io
import json
import mailbox
import tarfile
from collections.abc import Callable, Iterator, Sequence
from email.message import EmailMessage
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.engine.documents.office import cells, epub, odf, packed, pptx, shape, xlsx
from tests.engine.documents.paper import paragraph, write_docx

# In each, % is where its own word goes.
ODD = (
    "The lamp % stands in the window of the old house.",
    "離れの窓辺には % という古いランプが置かれている。",
    "Cafe\u0301 % beside が written as か\u3099, and e\u0302\u0323 with two marks.",
    "Emoji 🙂 and 👩‍👧 and 𠮷野家 and 𝔘nicode stand round % in one line.",
    "The co\u00adope\u00adra\u00adtion of % was praised by every\u00adbody there.",
    "The ﬁrst oﬃce ﬂoor of % holds a ﬀ, an ĳ and a ǆ.",
    "A\u00a0hard space, a\u2003wide one and a\u3000full one are beside % here.",
    "שלום and مرحبا stand beside % in one line with English.",
    "ﾊﾝｶｸのｶﾅ % と全角のＡＢＣ１２３が混ざっている。",
    "葛\U000e0100城市の % と、結合した文字が並ぶ。",
    "Quotes “%” and ‘x’ … — then <b>&amp;</b> \\ { } | \" ' ` $ are signs.",
    "# % is no heading, * no list, [1] no citation and ![x](y) no picture.",
    "Zero\u200bwidth, a joiner\u2060 and a mark\u200e are in the word before %.",
    "長い文は % のあとも、読点で区切られながら、" + "どこまでも続いていき、" * 20 + "やっと終わる。",
)
_FILLING = ("Nothing else of it matters here, and nobody reads on. ", "ほかには何も書かれていません。")
PLAIN = (ODD[0], ODD[1], "A second lamp, %, was sold in 1923 for 3.5 million yen.")
Maker = Callable[[Path, Sequence[str]], object]  # writes a paper of paragraphs


class Sentence(NamedTuple):
    """A sentence and the word that it alone holds."""

    text: str
    word: str


class Paper(NamedTuple):
    """A document and the sentences in it."""

    path: Path
    sentences: tuple[Sentence, ...]


class Kind(NamedTuple):
    """How papers of one sort are made, and whether such a paper can hold a text."""

    make: Maker
    holds: Callable[[str], bool] = lambda text: True


def write(folder: Path, each: int) -> list[Paper]:
    """Write a paper of every sort, of `each` sentences where its format holds them all."""
    numbers = count()
    return [_paper(folder / name, kind, each, numbers) for name, kind in KINDS.items()]


def _paper(path: Path, kind: Kind, each: int, numbers: Iterator[int]) -> Paper:
    odd = [text for text in ODD if kind.holds(text + _filling(text))] or list(PLAIN)
    sentences, paragraphs = [], []
    for number in islice(numbers, each):
        text, word = odd[number % len(odd)], f"qz{number:05}w"
        sentence = Sentence(text.replace("%", word), word)
        sentences.append(sentence)
        paragraphs.append(sentence.text + _filling(text))
    kind.make(path, paragraphs)
    return Paper(path, tuple(sentences))


def _filling(text: str) -> str:
    """What makes a paragraph as long as a passage, in the language of its sentence."""
    japanese = "。" in text
    return _FILLING[japanese] * (16 if japanese else 11)


# --- texts --------------------------------------------------------------------------------------------------


def _text(encoding: str, ends: str = "\n\n", mark: str = "") -> Kind:
    """A text in an encoding, its paragraphs set apart by `ends`."""

    def make(path: Path, paragraphs: Sequence[str]) -> None:
        path.write_bytes((mark + ends.join(paragraphs) + ends[: len(ends) // 2]).encode(encoding))

    return Kind(make, lambda text: _can(text, encoding))


def _can(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return encoding != "cp1252" or not text.isascii()  # a text without one sign of it would be of any encoding


def _html(path: Path, paragraphs: Sequence[str]) -> None:
    body = "".join(f"<h2>Part {n}</h2>\r\n<p>{escape(text)}" for n, text in enumerate(paragraphs))
    path.write_text(f'<!DOCTYPE html><meta charset="utf-8"><title>A page</title><body>{body}', encoding="utf-8")


def _html_in_numbers(path: Path, paragraphs: Sequence[str]) -> None:
    """All that is not ASCII as references of characters."""
    raw = "".join(f"<div>{escape(text)}</div>" for text in paragraphs).encode("ascii", "xmlcharrefreplace")
    path.write_bytes(raw)


def _markdown(path: Path, paragraphs: Sequence[str]) -> None:
    text = "".join(f"## Part {n}\r\n\r\n{text}\r\n\r\n" for n, text in enumerate(paragraphs))
    path.write_text(text, encoding="utf-8", newline="")


def _rtf(path: Path, paragraphs: Sequence[str]) -> None:
    def escaped(character: str) -> str:
        if character in "\\{}":
            return f"\\{character}"
        if character.isascii():
            return character
        units = character.encode("utf-16-le")
        return "".join(
            f"\\u{int.from_bytes(units[n : n + 2], 'little', signed=True)}?" for n in range(0, len(units), 2)
        )

    body = "\\par\r\n".join("".join(map(escaped, text)) for text in paragraphs)
    path.write_bytes(("{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}\\f0 " + body + "}").encode("ascii"))


def _code(path: Path, paragraphs: Sequence[str]) -> None:
    path.write_text("".join(f"# {text}\ndef f{n}():\n\treturn {n}\n\n" for n, text in enumerate(paragraphs)), "utf-8")


def _notebook(path: Path, paragraphs: Sequence[str]) -> None:
    made = [
        {"cell_type": "markdown", "source": [text[:40], text[40:]]} if n % 2 else
        {"cell_type": "code", "source": f"print({n})", "outputs": [{"output_type": "stream", "text": text}]}
        for n, text in enumerate(paragraphs)
    ]  # fmt: skip
    path.write_text(json.dumps({"cells": made, "nbformat": 4}), encoding="utf-8")


# --- tables -------------------------------------------------------------------------------------------------


def _table(delimiter: str, encoding: str) -> Kind:
    def make(path: Path, paragraphs: Sequence[str]) -> None:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerows([str(n), text, "more"] for n, text in enumerate(paragraphs))
        path.write_bytes(out.getvalue().encode(encoding))

    return Kind(make)


def _xlsx(path: Path, paragraphs: Sequence[str]) -> None:
    half = len(paragraphs) // 2
    rows = ["".join(cells(n, {"B": text, "C": n * 1.5}) for n, text in enumerate(some, start=1))
            for some in (paragraphs[:half], paragraphs[half:])]  # fmt: skip
    path.write_bytes(xlsx({"価格 1": rows[0], "Other": rows[1]}))


def _ods(path: Path, paragraphs: Sequence[str]) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(f"<table:table-row>{cell.format(escape(text))}</table:table-row>" for text in paragraphs)
    path.write_bytes(odf("spreadsheet", f'<table:table table:name="価格">{rows}</table:table>'))


# --- office files and books ---------------------------------------------------------------------------------


def _docx(path: Path, paragraphs: Sequence[str]) -> None:
    tab = "<w:p><w:r><w:t>left</w:t><w:tab/><w:t>right</w:t><w:br/><w:t>below</w:t></w:r></w:p>"
    write_docx(path, "".join(paragraph(text) + tab for text in paragraphs))


def _pptx(path: Path, paragraphs: Sequence[str]) -> None:
    odd = {n: text for n, text in enumerate(paragraphs, start=1) if n % 3 == 0}
    slides = [shape(f"Slide {n}", "title") + ("" if n in odd else shape(text)) for n, text in enumerate(paragraphs, 1)]
    path.write_bytes(pptx(slides, odd))  # every third has its words in its notes


def _odt(path: Path, paragraphs: Sequence[str]) -> None:
    body = "".join(
        f'<text:h text:outline-level="1">Part {n}</text:h><text:p>{escape(text)}<text:tab/>end</text:p>'
        for n, text in enumerate(paragraphs)
    )
    path.write_bytes(odf("text", body))


def _odp(path: Path, paragraphs: Sequence[str]) -> None:
    frame = "<draw:page><draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame></draw:page>"
    path.write_bytes(odf("presentation", "".join(frame.format(escape(text)) for text in paragraphs)))


def _epub(path: Path, paragraphs: Sequence[str]) -> None:
    chapters = {f"{n}.xhtml": f"<h1>Chapter {n}</h1><p>{escape(text)}</p>" for n, text in enumerate(paragraphs)}
    path.write_bytes(epub(chapters))


def _pdf(path: Path, paragraphs: Sequence[str]) -> None:
    """Two paragraphs a page, in lines of some forty letters, English in one font and Japanese in another."""
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    canvas = Canvas(str(path), pagesize=(400, 700))
    for first in range(0, len(paragraphs), 2):
        height = 650
        for text in paragraphs[first : first + 2]:
            for line in _lines(text):
                canvas.setFont("Helvetica" if line.isascii() else "HeiseiMin-W3", 11)
                canvas.drawString(40, height, line)
                height -= 15
            height -= 20
        canvas.showPage()
    canvas.save()


def _lines(text: str) -> Iterator[str]:
    if not text.isascii():
        yield from (text[at : at + 26] for at in range(0, len(text), 26))
        return
    line = ""
    for word in text.split():
        if len(line) + len(word) > 58:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    yield line


def _printable(text: str) -> bool:
    """Whether the two fonts of the PDFs hold it: ASCII in one, the usual signs of Japanese in the other."""
    return all(sign.isascii() or "\u3000" < sign <= "\u9fff" for sign in text) and "\u3099" not in text


# --- what holds others --------------------------------------------------------------------------------------


def _message(subject: str, text: str, html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "梅子 <ume@example.org>", "boss@example.org", subject
    message.set_content(html or text, subtype="html" if html else "plain")
    return message


def _mail(path: Path, paragraphs: Sequence[str]) -> None:
    half = len(paragraphs) // 2
    message = _message("お見積り", "\n\n".join(paragraphs[:half]))
    message.add_attachment("\n\n".join(paragraphs[half:]).encode(), maintype="text", subtype="x", filename="添付.md")
    path.write_bytes(message.as_bytes())


def _mailbox(path: Path, paragraphs: Sequence[str]) -> None:
    box = mailbox.mbox(path)
    for number, text in enumerate(paragraphs):
        html = f"<p>{escape(text)}" if number % 2 else ""
        box.add(mailbox.mboxMessage(_message(f"Mail {number}", text, html)))
    box.close()


def _inside(folder: Path, paragraphs: Sequence[str]) -> dict[str, bytes]:
    """Papers that lie in another: three formats, each with its share of the paragraphs."""
    found = {}
    for number, (name, make) in enumerate({"notes/a.md": _markdown, "報告.docx": _docx, "b.odt": _odt}.items()):
        path = folder / f"part{Path(name).suffix}"
        make(path, paragraphs[number::3])
        found[name] = path.read_bytes()
        path.unlink()
    return found


def _zip(path: Path, paragraphs: Sequence[str]) -> None:
    inner = _inside(path.parent, paragraphs[len(paragraphs) // 2 :])
    path.write_bytes(packed({**_inside(path.parent, paragraphs[: len(paragraphs) // 2]), "inner.zip": packed(inner)}))


def _tar(path: Path, paragraphs: Sequence[str]) -> None:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, raw in _inside(path.parent, paragraphs).items():
            entry = tarfile.TarInfo(name)
            entry.size = len(raw)
            archive.addfile(entry, io.BytesIO(raw))


KINDS: dict[str, Kind] = {
    "paper.pdf": Kind(_pdf, _printable),
    "paper.docx": Kind(_docx),
    "paper.pptx": Kind(_pptx),
    "paper.xlsx": Kind(_xlsx),
    "paper.ods": Kind(_ods),
    "paper.csv": _table(",", "utf-8"),
    "paper.tsv": _table("\t", "utf-16"),
    "paper.odt": Kind(_odt),
    "paper.odp": Kind(_odp),
    "paper.epub": Kind(_epub),
    "paper.rtf": Kind(_rtf),
    "paper.html": Kind(_html),
    "numbers.html": Kind(_html_in_numbers),
    "paper.md": Kind(_markdown),
    "paper.eml": Kind(_mail),
    "paper.mbox": Kind(_mailbox),
    "paper.ipynb": Kind(_notebook),
    "paper.py": Kind(_code),
    "paper.zip": Kind(_zip),
    "paper.tar": Kind(_tar),
    "paper.tar.gz": Kind(_tar),
    "utf-8.txt": _text("utf-8"),
    "utf-8 with a mark.txt": _text("utf-8", "\r\n\r\n", "\ufeff"),
    "utf-16-le.txt": _text("utf-16-le", "\r\n\r\n", "\ufeff"),
    "utf-16-be.txt": _text("utf-16-be", "\r\r", "\ufeff"),
    "utf-16 without a mark.txt": _text("utf-16-le"),
    "utf-32.txt": _text("utf-32-le", "\n\n", "\ufeff"),
    "shift_jis.txt": _text("cp932", "\r\n\r\n"),
    "euc_jp.txt": _text("euc_jp"),
    "iso-2022-jp.txt": _text("iso2022_jp"),
    "windows.txt": _text("cp1252", "\r\n\r\n"),
}
