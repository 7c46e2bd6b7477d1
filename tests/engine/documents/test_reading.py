"""Reading real files of every kind: the text is there, and every span is verbatim."""

import struct
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from engine.documents import Documents
from engine.errors import NotFound
from engine.operation import Cancel, finish
from engine.types import Hit, IndexReport, PagePicture
from tests.engine.documents.paper import paragraph, write_docx, write_pdf
from tests.reliability.hostile_making import pdf, stream

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]


def page_text(documents: Documents, hit: Hit) -> str:
    """The text of the page a hit is on."""
    return documents.page(hit.passage.document_id, hit.passage.page).text


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("utf8.txt", "離れの手引き\nLine two".encode()),
        ("mark.txt", "離れの手引き\nLine two".encode("utf-8-sig")),
        ("utf16.txt", "離れの手引き\nLine two".encode("utf-16")),
        ("utf16-without-mark.txt", "離れの手引き\nLine two and more of it".encode("utf-16-le")),
        ("utf32.txt", "離れの手引き\nLine two".encode("utf-32")),
        ("utf32-without-mark.txt", "離れの手引き\nLine two".encode("utf-32-le")),
        ("big-utf32-without-mark.txt", "離れの手引き\nLine two".encode("utf-32-be")),
        ("stray zero.txt", "離れの手引き\nLine two, and a zero has strayed into the last line\0\n".encode()),
        ("sjis.txt", "離れの手引き\r\nLine two".encode("cp932")),
        ("euc.txt", "離れの手引きをここに置く\nLine two".encode("euc_jp")),
        ("note.md", "# 離れの手引き\n\nLine **two**".encode()),
        ("page.html", '<meta charset="Shift_JIS"><title>離れの手引き</title><p>Line two'.encode("cp932")),
        ("undeclared.html", "<p>離れの手引き<p>Line two<script>alert(1)</script>".encode()),
        ("old.htm", "<p>離れの手引きをここに置く<p>Line two".encode("euc_jp")),
    ],
)
def test_text_is_read_whatever_its_encoding(
    folder: Path, add: Add, search: Search, documents: Documents, name: str, raw: bytes
) -> None:
    (folder / name).write_bytes(raw)
    assert add(folder).read == 1
    for query in ("手引", "line two"):
        (hit,) = search(query)
        assert page_text(documents, hit)[hit.passage.start : hit.passage.end] == hit.passage.text
        assert hit.marks
        assert "alert" not in hit.passage.text
        assert not hit.passage.paged


def test_latin_text_is_read_as_such(folder: Path, add: Add, search: Search) -> None:
    (folder / "cafe.txt").write_bytes("Le café était fermé, déjà à l'été.".encode("latin-1"))
    add(folder)
    assert "café" in search("cafe")[0].passage.text


def test_a_word_file_is_read_in_order_with_its_lists_and_tables(folder: Path, add: Add, documents: Documents) -> None:
    cell = "<w:tc>{}</w:tc>"
    table = f"<w:tbl><w:tr>{cell.format(paragraph('left'))}{cell.format(paragraph('right'))}</w:tr></w:tbl>"
    point = paragraph("a point", "<w:pPr><w:numPr/><w:tabs><w:tab/></w:tabs></w:pPr>")
    write_docx(folder / "a.docx", paragraph("Heading") + paragraph("離れ & more") + point + table + paragraph("end"))
    add(folder)
    (document,) = documents.all()
    assert documents.page(document.id, 1).text == "Heading\n\n離れ & more\n\n• a point\n\nleft\tright\n\nend"


def test_html_blocks_break_lines_and_scripts_are_left_out(folder: Path, add: Add, documents: Documents) -> None:
    source = "<title>T</title><h1>One</h1><p>two <b>bold</b>\n words<br>line<script>x()</script><style>y</style>"
    (folder / "a.html").write_text(source + "<ul><li>p<li>q</ul><table><tr><td>1<td>2</table><pre>a  b\n c</pre>")
    add(folder)
    (document,) = documents.all()
    text = documents.page(document.id, 1).text
    assert text.startswith("T\n\nOne\n\ntwo bold words\nline\n\np\nq")
    assert "1\t2" in text.replace(" ", "")
    assert "x()" not in text
    assert "y" not in text


def test_a_hit_in_a_pdf_knows_its_page(folder: Path, add: Add, search: Search, documents: Documents) -> None:
    write_pdf(folder / "a.pdf", [["First page."], ["Second page holds", "the needle."], ["三ページ目の設定です。"]])
    add(folder)
    assert (search("needle")[0].passage.page, search("設定")[0].passage.page) == (2, 3)
    hit = search("needle")[0]
    assert hit.passage.paged
    assert (
        page_text(documents, hit)[hit.passage.start : hit.passage.end]
        == hit.passage.text
        == ("Second page holds\nthe needle.")
    )


def test_the_boxes_of_a_span_lie_where_its_letters_are(
    folder: Path, add: Add, search: Search, documents: Documents
) -> None:
    write_pdf(folder / "a.pdf", [["nothing", "nothing", "before the needle after", "三行目の設定です。"]])
    add(folder)
    for query, baseline_y in (("needle", 510), ("設定", 490)):
        hit = search(query)[0]
        ((first, last), *_) = hit.marks
        start, end = hit.passage.start + first, hit.passage.start + last
        picture = finish(documents.picture(hit.passage.document_id, 1, Cancel(), width=800, start=start, end=end))
        assert (picture.width, picture.height) == (800, 1200)
        ((left, top, right, bottom),) = picture.boxes
        baseline = (600 - baseline_y) * 2  # two pixels a point, from the top
        assert top < baseline <= bottom + 8
        assert baseline - top < 32
        assert 100 <= left < right < 400
        assert ink(picture, left, top, right, bottom) > 0.02
        assert ink(picture, 500, top, 800, bottom) == 0


def test_a_heading_is_no_part_of_the_sentence_below_it(folder: Path, add: Add, documents: Documents) -> None:
    canvas = Canvas(str(folder / "a.pdf"), pagesize=(400, 600))
    lines = (
        ("A heading", 18, 550), ("The first sentence is on", 11, 520), ("two lines.", 11, 506),
        ("Another paragraph", 11, 480), ("begins here.", 11, 466),
    )  # fmt: skip
    for line, size, y in lines:
        canvas.setFont("Helvetica", size)
        canvas.drawString(50, y, line)
    canvas.save()
    add(folder)
    (document,) = documents.all()
    text = documents.page(document.id, 1).text
    assert text == "A heading\n\nThe first sentence is on\ntwo lines.\n\nAnother paragraph\nbegins here."
    at = text.index("begins")
    ((left, top, right, bottom),) = finish(
        documents.picture(document.id, 1, Cancel(), width=400, start=at, end=at + 6)
    ).boxes
    assert 48 <= left < right <= 90
    assert 120 <= top < 134 <= bottom + 2


@pytest.mark.parametrize(("shown", "of_a"), [("😀", "D83DDE00"), ("ﬁ", "FB01"), ("A", "0041")])
def test_a_sign_that_takes_more_room_than_others_moves_no_box(
    folder: Path, add: Add, documents: Documents, shown: str, of_a: str
) -> None:
    one = b"/ToUnicode 6 0 R>>"
    contents = stream(b"BT /F 20 Tf 20 200 Td (A deposit) Tj 0 -40 Td (and the end) Tj ET", times=0)
    codes = b"1 begincodespacerange <00> <FF> endcodespacerange\n1 beginbfchar <41> <%s> endbfchar" % of_a.encode()
    (folder / "a.pdf").write_bytes(
        pdf(
            b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
            contents, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica" + one,
            stream(b"begincmap\n" + codes + b"\nendcmap", times=0),
        )
    )  # fmt: skip
    add(folder)
    (document,) = documents.all()
    text = documents.page(document.id, 1).text
    assert text in (f"{shown} deposit\nand the end", f"{unicodedata.normalize('NFKC', shown)} deposit\nand the end")
    for word, left, baseline in (("deposit", 39, 100), ("end", 96, 140)):
        at = text.index(word)
        (box,) = finish(documents.picture(document.id, 1, Cancel(), width=300, start=at, end=at + len(word))).boxes
        assert left - 3 <= box[0] <= left + 3
        assert box[1] < baseline <= box[3] + 6


def test_the_whole_first_line_is_boxed_from_margin_to_end(folder: Path, add: Add, documents: Documents) -> None:
    write_pdf(folder / "a.pdf", [["one line", "and another"]])
    add(folder)
    (document,) = documents.all()
    text = documents.page(document.id, 1).text
    picture = finish(documents.picture(document.id, 1, Cancel(), width=400, start=0, end=len(text)))
    assert len(picture.boxes) == 2
    assert not finish(documents.picture(document.id, 1, Cancel(), width=400)).boxes


def test_only_formats_with_pages_have_pictures(folder: Path, add: Add, documents: Documents) -> None:
    (folder / "a.txt").write_text("no look of its own")
    write_pdf(folder / "b.pdf", [["page"]])
    add(folder)
    text, pdf = documents.all()
    with pytest.raises(NotFound):
        finish(documents.picture(text.id, 1, Cancel()))
    with pytest.raises(NotFound):
        finish(documents.picture(pdf.id, 2, Cancel()))


def test_a_long_text_comes_in_parts_and_loses_nothing(
    folder: Path, add: Add, search: Search, documents: Documents
) -> None:
    source = "".join(f"Line {number} of a long text.\n" for number in range(20_000))
    (folder / "long.txt").write_text(source)
    add(folder)
    (document,) = documents.all()
    assert document.pages > 5
    assert "".join(documents.page(document.id, n).text for n in range(1, document.pages + 1)) == source
    hit = search('"line 19876"')[0]
    assert "Line 19876 of" in page_text(documents, hit)[hit.passage.start : hit.passage.end]


def ink(picture: PagePicture, left: float, top: float, right: float, bottom: float) -> float:
    """The share of dark pixels in a box of an unfiltered PNG."""
    channels = {0: 1, 2: 3, 6: 4}[picture.png[25]]
    at, packed = 8, b""
    while at < len(picture.png):
        (length,) = struct.unpack(">I", picture.png[at : at + 4])
        if picture.png[at + 4 : at + 8] == b"IDAT":
            packed += picture.png[at + 8 : at + 8 + length]
        at += length + 12
    pixels = zlib.decompress(packed)
    stride = 1 + picture.width * channels
    box = [(x, y) for y in range(int(top), int(bottom)) for x in range(int(left), int(right))]
    return sum(pixels[y * stride + 1 + x * channels] < 128 for x, y in box) / len(box)
