"""What plain Python reads of XML is what libxml2 reads of it; all other XML is left to that."""

import random
from pathlib import Path

import pytest
from lxml import etree

from engine.worker.reader import docx, xml_plain
from engine.worker.reader.file import File
from engine.worker.reader.steps import ReadAlone, steps_of
from tests.engine.documents.office import packed
from tests.engine.documents.paper import paragraph, write_docx

Steps = list[tuple[bool, str, str, dict[str, str]]]
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
WELL = DECLARED + (
    '<w:root xmlns:w="urn:w" xmlns="http://a.b/c#d"><w:p w:val="a&amp;b" k=\'1\'>x &lt; y&#10;&#x6F22;</w:p>'
    '<in xmlns:w="urn:other"><w:t xml:space="preserve"> 離れ </w:t></in>\r\n<empty/><w:last /></w:root>\n'
)
ODDITIES = [
    "<!-- c -->", "<?p?>", "<![CDATA[x]]>", "]]>", "&x;", "&", "<", ">", "</a>", "<a>", "\x00", "\ufffe", "<a/>", '"',
    "xmlns:q='urn:q'", "&#0;", "&#xD800;", "<!DOCTYPE a>", "\ufeff", " w:val='2'", "q:", "\t",
]  # fmt: skip


def by_libxml2(raw: bytes) -> Steps | str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        return [(*step[:3], dict(step.attributes)) for step in steps_of(etree.fromstring(raw, parser))]
    except etree.XMLSyntaxError as error:
        return str(error)


def by_plain_python(raw: bytes) -> Steps | None:
    """None where it leaves the document to libxml2."""
    try:
        return [(*step[:3], dict(step.attributes)) for step in xml_plain.steps(raw)]
    except ReadAlone:
        return None


def test_xml_is_read_as_libxml2_reads_it() -> None:
    found = by_plain_python(WELL.encode())
    assert found == by_libxml2(WELL.encode())
    assert found
    assert found[1] == (True, "{urn:w}p", "x < y\n漢", {"{urn:w}val": "a&b", "k": "1"})


@pytest.mark.parametrize(
    "source",
    [
        "", "words", "<a>", "<a></b>", "</a>", "<a/><a/>", "<a/>x", "<a b='1' b='2'/>", "<a b=1/>", "<a b='<'/>",
        "<p:a/>", "<a p:b=''/>", "<a>&x;</a>", "<a>&#0;</a>", "<a>]]></a>", "<a><!-- c --></a>", "<é/>",
        "<a><![CDATA[x]]></a>", "<a>\x01</a>", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "<a xmlns:b=''/>",
        '<?xml version="1.0" encoding="Shift_JIS"?><a/>', "<a xmlns:b='urn:b' xmlns:c='urn:b' b:k='' c:k=''/>",
        "<a>" * 201 + "</a>" * 201, "<a xmlns:xml='urn:x'/>",
    ],
)  # fmt: skip
def test_whatever_else_there_is_in_xml_is_left_to_libxml2(source: str) -> None:
    assert by_plain_python(source.encode()) is None


def test_what_is_no_utf8_is_left_to_libxml2() -> None:
    assert by_plain_python(WELL.encode("utf-16")) is None
    assert by_plain_python("<a>é</a>".encode("latin-1")) is None


def test_xml_that_was_damaged_at_random_is_read_as_libxml2_reads_it_or_not_at_all() -> None:
    chance, read = random.Random(57), 0
    for _ in range(4000):
        source = WELL
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(source) + 1)
            source = source[:at] + chance.choice(["", *ODDITIES]) + source[at + chance.randrange(3) :]
        if (found := by_plain_python(source.encode())) is not None:
            read += 1
            assert found == by_libxml2(source.encode()), source
    assert read > 1000


def test_a_word_document_is_read_the_same_by_both(folder: Path) -> None:
    body = (
        '<w:p><w:pPr><w:pStyle w:val="H"/><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr>'
        "<w:r><w:t>Costs</w:t></w:r></w:p>"
        + paragraph("one & two")
        + "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>"
        + "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    )
    styles = '<w:style w:styleId="H"><w:name w:val="heading 2"/></w:style><w:style w:styleId="N"><w:basedOn/></w:style>'
    path = folder / "a.docx"
    write_docx(path, body, styles=styles)
    file = File("a.docx", raw=path.read_bytes())
    (unit,) = docx.read_plain(file)
    assert [unit] == list(docx.read(file))
    assert unit.text == "Costs\n\none & two\n\na\tb\nc\n\n1"
    assert [place.label for place in unit.places] == ["Costs"]


def test_a_large_part_of_a_word_document_is_left_to_libxml2() -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    for letters, plain in ((1_000, True), (1_000_000, False)):
        text = f"<w:document {space}><w:body><w:p><w:r><w:t>{'a ' * letters}</w:t></w:r></w:p></w:body></w:document>"
        file = File("a.docx", raw=packed({"word/document.xml": text}))
        try:
            found = list(docx.read_plain(file))
        except ReadAlone:
            found = []
        assert bool(found) == plain
