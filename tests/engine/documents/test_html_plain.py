"""What plain Python reads of a page is what libxml2 reads of it; all other pages are left to that."""

import random
import re
from collections.abc import Iterator

import pytest

from engine.errors import DocumentDamaged
from engine.worker.reader import html, html_plain
from engine.worker.reader.html_elements import BEGIN_A_HEAD, NO_TEXT, NOT_IN_ITSELF, ONCE, VOID, WHOLE, WITHIN
from engine.worker.reader.steps import ReadAlone

PAGE = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Plums &amp; pears</title>'
    "<style>p { margin: 1em }</style><script>if (a < b) { x('</p>') }</script></head>\n<body class=wide>"
    "<h1>Plums &amp; pears</h1><p>One <b>bold</b> word,<br>two&nbsp;lines &#169; &copy; & so on.</p><!-- no word -->"
    "<ul><li>a point</li><li>another</li></ul><table><tr><td>1</td><td>2</td></tr></table>"
    "<pre>a  b\r\n  c</pre><svg viewBox='0 0 1 1'><path d='M0'/><text>drawn</text></svg><my-note>own</my-note>"
    "</body></html>\n"
)
ODDITIES = [
    "&amp;", "&nbsp", "&lt;", "& ", "&#65;", "&#128;", "&notit;", "&copy;x", "<!-- c -->", "<!--c--", "<br>", "<br/>",
    "</br>", "</p>", "<p>", "\r\n", "\t", "\xa0", "\u200b", "<", "<![CDATA[x]]>", "<?p?>", "<x-y>", "</x-y>", "\x0c",
    "<hr/>", "<pre>\na\n b</pre>", "<title>t</title>", "</html>", "</body>", "<td>", "<li>", "&#0;", "--", "\ufffe",
]  # fmt: skip
TAGS = sorted(frozenset().union(*WITHIN.values()))


def by_libxml2(source: str) -> object:
    try:
        return html.lines(source.encode(), "a page")
    except DocumentDamaged as error:
        return str(error)


def by_plain_python(source: str) -> object:
    """None where it leaves the page to libxml2."""
    try:
        return html.written(html_plain.steps(source))
    except ReadAlone:
        return None


def test_a_page_is_read_as_libxml2_reads_it() -> None:
    assert by_plain_python(PAGE) == by_libxml2(PAGE)
    text, headings = html_plain.lines(PAGE.encode(), "a page")
    assert "Plums & pears" in text
    assert "two\xa0lines © © & so on." in text
    assert [heading.title for heading in headings] == ["Plums & pears"]
    assert "drawn" not in text


@pytest.mark.parametrize(
    "source",
    [
        "", "words alone", "<!-- nothing -->", "<p>open", "<p>one<p>two</p>", "<p><div>x</div></p>",
        "<ul><li>a<li>b</ul>", "<div>x</p></div>", "<b><i>x</b></i>", "<a href=x><a>y</a></a>", "<p>&unknown;</p>",
        "<p>&#128;</p>", "<p>&lt</p>", "<p>\x00</p>", "<body><p>x</p></body><body></body>", "<p>x</p> and",
        "<html><p>x</p></html>", "<title>open", "<body><script>'<script>'</script>x</body>", "<p a=\"b>x</p>",
        "<p><![CDATA[x]]></p>", "<object>x</object>", "<div>" * 201 + "x" + "</div>" * 201, "<p>x</p><script/>",
        "<html></html><p>x</p>", "<script></script><mark>x</mark>",
    ],
)  # fmt: skip
def test_a_page_that_is_not_so_well_written_is_left_to_libxml2(source: str) -> None:
    assert by_plain_python(source) is None


def test_every_element_may_lie_in_what_it_may_lie_in_here() -> None:
    for source in sources():
        found = by_plain_python(source)
        assert found is not None, source
        assert found == by_libxml2(source), source


def test_a_page_made_at_random_is_read_as_libxml2_reads_it_or_not_at_all() -> None:
    chance, read = random.Random(57), 0
    for _ in range(3000):
        source = grown(chance, "", 0) if chance.random() < 0.5 else PAGE
        pieces = re.findall(r"<[^>]*>|[^<]+|<", source) or ["x"]
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(pieces))
            tag = chance.choice(TAGS)
            pieces[at : at + chance.randrange(2)] = [
                chance.choice([*ODDITIES, f"<{tag}>", f"</{tag}>", f"<{tag} a='b'/>"])
            ]
        source = "".join(pieces) or "x"
        if (found := by_plain_python(source)) is not None:
            read += 1
            assert found == by_libxml2(source), source
    assert read > 500


def sources() -> Iterator[str]:
    """For each element and each that may lie in it a page, with text wherever there may be some."""
    ways = {"": list[str]()}
    waiting = [""]
    while waiting:
        around = waiting.pop(0)
        for tag in sorted(WITHIN.get(around, ())):
            if tag not in ways and tag in WITHIN and tag not in WHOLE:
                ways[tag] = [*ways[around], tag]
                waiting.append(tag)
    for around, way in ways.items():
        for tag in sorted(WITHIN[around] - ONCE):
            if tag in NOT_IN_ITSELF.intersection(way) or (not way and tag in BEGIN_A_HEAD):
                continue
            inner = f"<{tag}>" if tag in VOID else f"<{tag}>{'' if tag in NO_TEXT else 'in'}</{tag}>"
            behind = "" if around in NO_TEXT else " one <b>two</b> three" if "b" in WITHIN[around] else " one"
            opened = "".join(f"<{each}>{'' if each in NO_TEXT else f'T{each} '}" for each in way)
            yield opened + inner + behind + "".join(f"</{each}>" for each in reversed(way))


def grown(chance: random.Random, around: str, depth: int) -> str:
    """What may lie in an element."""
    pieces = []
    for _ in range(chance.randrange(5)):
        within = sorted(WITHIN.get(around, ()))
        if within and depth < 6 and chance.random() < 0.6:
            tag = chance.choice(within)
            inner = "a < b" if tag in WHOLE - {"title"} else "" if tag == "title" else grown(chance, tag, depth + 1)
            pieces.append(f"<{tag}>" if tag in VOID else f"<{tag}>{inner}</{tag}>")
        elif around not in NO_TEXT:
            pieces.append(chance.choice(["a b", " ", "\n", "  y  ", "&amp;", "& "]))
    return "".join(pieces)
