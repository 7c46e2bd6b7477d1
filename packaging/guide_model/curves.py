"""The picture of a training: what it lost, and how many ways of asking it had never met it took rightly, by epoch."""

from collections.abc import Sequence
from pathlib import Path

from guide_model.training import Learned

WIDTH, HEIGHT = 760, 340
LEFT, TOP, PANEL_WIDTH, PANEL_HEIGHT, APART = 56, 56, 250, 220, 140
GREY, COLOURS = "#808080", {"loss": "#2f7ea3", "en": "#c8692c", "ja": "#4f9a4c"}
NAMES = {"en": "English", "ja": "Japanese"}
STEPS = 4


def draw(path: Path, history: Sequence[Learned]) -> None:
    """Write the picture as SVG. Raises OSError."""
    lost = [one.loss for one in history]
    top = max(1.0, float(int(max(lost)) + 1))
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">']
    parts += _panel(LEFT, "Loss in training", [f"{top * step / STEPS:g}" for step in range(STEPS + 1)], len(history))
    parts += _line(LEFT, [value / top for value in lost], "loss", f"{lost[-1]:.2f}")
    right = LEFT + PANEL_WIDTH + APART
    percent = [f"{100 * step // STEPS} %" for step in range(STEPS + 1)]
    parts += _panel(right, "Unmet ways of asking taken rightly", percent, len(history))
    ends: list[float] = []
    for language in history[-1].right_answers:
        pages = [one.right_pages[language] for one in history]
        answers = [one.right_answers[language] for one in history]
        name = NAMES[language]
        parts += _line(right, pages, language, f"{name}, page {pages[-1]:.0%}", ends, dashed=True)
        parts += _line(right, answers, language, f"{name}, answer {answers[-1]:.0%}", ends)
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def _panel(left: float, title: str, marks: Sequence[str], epochs: int) -> list[str]:
    parts = [_text(left, TOP - 26, title, "start", GREY, 15)]
    for step, mark in enumerate(marks):
        height = TOP + PANEL_HEIGHT * (1 - step / (len(marks) - 1))
        parts.append(f'<path d="M{left} {height:.1f}h{PANEL_WIDTH}" stroke="{GREY}" stroke-opacity=".3"/>')
        parts.append(_text(left - 8, height + 4, mark, "end", GREY, 12))
    for epoch in sorted({1, (epochs + 1) // 2, epochs}):
        parts.append(_text(_across(left, epoch - 1, epochs), TOP + PANEL_HEIGHT + 22, str(epoch), "middle", GREY, 12))
    parts.append(_text(left + PANEL_WIDTH / 2, TOP + PANEL_HEIGHT + 42, "Epoch", "middle", GREY, 12))
    return parts


def _line(
    left: float,
    shares: Sequence[float],
    colour: str,
    said: str,
    ends: list[float] | None = None,
    *,
    dashed: bool = False,
) -> list[str]:
    """A curve of values from 0 to 1, and what is said at its end, clear of what is said at other `ends`."""
    points = [(_across(left, at, len(shares)), TOP + PANEL_HEIGHT * (1 - share)) for at, share in enumerate(shares)]
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    ends = [] if ends is None else ends
    height = points[-1][1]
    while any(abs(height - end) < 14 for end in ends):
        height += 2
    ends.append(height)
    return [
        f'<path d="M{way}" fill="none" stroke="{COLOURS[colour]}" stroke-width="2"{dash}/>',
        _text(left + PANEL_WIDTH + 8, height + 4, said, "start", COLOURS[colour], 12),
    ]


def _across(left: float, at: int, count: int) -> float:
    return left + PANEL_WIDTH * at / max(1, count - 1)


def _text(x: float, y: float, said: str, anchor: str, colour: str, size: int) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{said}</text>'
