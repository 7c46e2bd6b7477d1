"""Curves as an SVG picture: milliseconds by number of passages, both in powers of ten."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 400, 64, 150, 48, 48
COLOURS = ("#2f7ea3", "#c8692c", "#4f9a4c", "#8f5ea8")
GREY = "#808080"  # is read on white and on black
LABEL = 15  # pixels that a name at the end of its line takes
Line = Sequence[tuple[float, float]]


def draw(path: Path, title: str, curves: Mapping[str, tuple[Line, Line]]) -> None:
    """Write the picture. Each curve is two lines, the usual (p50) and the slow (p95), which is dashed."""
    points = [point for pair in curves.values() for line in pair for point in line]
    low, high = (math.floor(math.log10(min(y for _, y in points))), math.ceil(math.log10(max(y for _, y in points))))
    widest, narrowest = max(x for x, _ in points), min(x for x, _ in points)

    def across(x: float) -> float:
        share = math.log10(x / narrowest) / max(math.log10(widest / narrowest), 1e-9)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def up(y: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(y) - low) / max(high - low, 1) * (HEIGHT - TOP - BOTTOM)

    parts = [_text(LEFT, 24, title, size=15)]
    for power in range(low, high + 1):
        at = up(10.0**power)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="{GREY}" stroke-opacity=".3"/>')
        parts.append(_text(LEFT - 8, at + 4, f"{10.0**power:g} ms", anchor="end"))
    parts += [
        _text(across(x), HEIGHT - BOTTOM + 22, f"{x:,.0f}", anchor="middle") for x in sorted({x for x, _ in points})
    ]
    names = []
    for (name, (usual, slow)), colour in zip(curves.items(), COLOURS, strict=False):
        for line, kind, dash in ((usual, "p50", ""), (slow, "p95", ' stroke-dasharray="5 4"')):
            way = "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in line)
            parts.append(f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
            names.append((up(line[-1][1]) + 4, f"{name}, {kind}", colour))
    free = float(TOP - LABEL)
    for at, name, colour in sorted(names):
        free = max(at, free + LABEL)
        parts.append(_text(WIDTH - RIGHT + 10, free, name, colour=colour))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
    path.write_text("\n".join([head, *parts, "</svg>", ""]), encoding="utf-8")


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = GREY, size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{escape(text)}</text>'
    )
