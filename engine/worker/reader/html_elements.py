"""What may lie in what in a page that plain Python reads: where nothing is closed that a page does not close itself.

It is narrower than the HTML Standard (WHATWG) in most places, and wider where libxml2, which reads other pages, is.
"""

import re

VOID = frozenset({"base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
INLINE = frozenset(
    re.findall(
        r"\S+",
        """a abbr acronym b br button cite code del dfn em font i iframe img input ins kbd label mark noscript q s samp
    script select small span strike strong style sub sup svg template time tt u var wbr""",
    )
)
_FLOW = INLINE | frozenset(
    re.findall(
        r"\S+",
        """article aside blockquote center details div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main
    nav ol p pre section table ul""",
    )
)
_DRAWING = frozenset(
    re.findall(
        r"\S+",
        """circle clippath defs desc ellipse filter g image line lineargradient mask path pattern polygon polyline
    radialgradient rect stop style symbol text title tspan use""",
    )
)
_HOLD_ALL = re.findall(
    r"\S+",
    """article aside blockquote body center dd div fieldset figcaption figure footer form header li main nav section
    summary td template th""",
)
_HOLD_WORDS = ("p", "pre", "dt", "caption", "legend")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
WHOLE = frozenset({"script", "style", "iframe", "title"})  # up to whose end nothing else begins
WITHIN: dict[str, frozenset[str]] = {  # "" is the page itself
    "": _FLOW | {"html"},
    "html": frozenset({"head", "body"}),
    "head": frozenset({"base", "link", "meta", "noscript", "script", "style", "title"}),
    "ul": frozenset({"li", "ul"}),
    "ol": frozenset({"li", "ol"}),
    "dl": frozenset({"dt", "dd"}),
    "table": frozenset({"caption", "col", "colgroup", "thead", "tbody", "tfoot", "tr"}),
    "colgroup": frozenset({"col"}),
    **dict.fromkeys(("thead", "tbody", "tfoot"), frozenset({"tr"})),
    "tr": frozenset({"td", "th"}),
    "select": frozenset({"option"}),
    "option": frozenset(),
    **dict.fromkeys(_DRAWING | {"svg"}, _DRAWING),
    **dict.fromkeys(INLINE - VOID - WHOLE - {"select", "svg"}, INLINE),
    **dict.fromkeys(_HOLD_WORDS, INLINE),
    **dict.fromkeys(_HEADINGS, INLINE | {"div"}),
    **dict.fromkeys(_HOLD_ALL, _FLOW),
    "details": _FLOW | {"summary"},
    "fieldset": _FLOW | {"legend"},
    "figure": _FLOW | {"figcaption"},
}
AS_AROUND = frozenset({"a", "del", "ins", "label", "noscript", "span"})  # hold what may stand around them
NO_TEXT = frozenset(
    {"", "html", "head", "ul", "ol", "dl", "table", "colgroup", "thead", "tbody", "tfoot", "tr", "select"}
)
ONCE = frozenset({"html", "head", "body"})
NOT_IN_ITSELF = frozenset({"a", "button", "form", "label", "noscript"})
BEGIN_A_HEAD = frozenset({"script", "style"})  # where they are in nothing else
