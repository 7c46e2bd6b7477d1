"""Text that wants something opened: pictures, style sheets, shares and links in every way markdown and HTML have."""

from itertools import product
from pathlib import Path

from tests.reliability.orders import written

_WAYS = (
    "![x]({})",
    "[![x]({0})]({0})",
    "![x][r]\n\n[r]: {}",
    "[x](http://localhost/ \"<img src='{}'>\")",
    "# <img src='{}'>",
    "| a |\n|---|\n| ![x]({0}) <img src='{0}'> |",
    "- [ ] ![x](<{}>)",
    "> ![x]({})",
    "---\ntitle: x\n---\n![x]({})",
    "```<b><img/src='{0}'>\n<img src='{0}'>\n```",
    "```<img\u00a0src='{0}'>\nx\n```",
    "<img src='{}'>",
    "<img src={}>",
    "<qt><img src='{}'/></qt>",
    "<b>bold</b><br><img src=\"{}\">",
    "<html><head><link rel='stylesheet' href='{}'></head><body>x</body></html>",
    "<style>@import url('{0}'); body {{ background-image: url('{0}') }}</style><p>x",
    "<body background='{}'>x</body>",
    "<table background='{0}'><tr><td background='{0}' style='background-image:url({0})'>x</table>",
    "<ul style=\"list-style-image:url('{0}')\"><li>x</ul>",
    "<p style=\"background:url('{0}') ; border-image:url({0})\">x</p>",
    "<svg><image href='{0}' xlink:href='{0}'/></svg>",
    "<object data='{0}'><embed src='{0}'><iframe src='{0}'></iframe></object>",
    "<video poster='{0}' src='{0}'></video><audio src='{0}'></audio>",
    "<meta http-equiv='refresh' content='0;url={}'>",
    "<a href='{0}'><img src='{0}' srcset='{0} 2x'></a>",
    "<input type='image' src='{}'>",
    "&lt;img src='{}'&gt;",
    "\u202e<img src='{}'>\u202c",
    "<!-- --><p><img src='{}'></p>",
    "[{0}]({0}) <{0}> {0}",
    "[1] [source](source:1) ![x]({})",
    "<h1>x</h1><hr/><img src='{}' width=9 height=9>",
    "text\n\n    <img src='{0}'>\n\ntext <font size=7><img src='{0}'></font>",
)  # fmt: skip


def targets(canary: Path, port: int) -> tuple[str, ...]:
    """What each payload names: a server of this computer, and one file in six ways of writing its path.

    A path that begins with two strokes is a share on Windows; elsewhere it is the file, so its opening is seen.
    """
    path = canary.as_posix()
    return (
        f"http://127.0.0.1:{port}/x.png", path, f"file://{path}", f"/{path}", f"file://localhost{path}", f"file:///{path}",
    )  # fmt: skip


def payloads(canary: Path, port: int, step: int = 1) -> list[str]:
    """Every way with every target, and the orders of documents, or every `step`th of them."""
    ways = [way.format(target) for way, target in product(_WAYS, targets(canary, port))]
    return [*ways, *written(canary.as_posix(), f"http://127.0.0.1:{port}/").values()][::step]
