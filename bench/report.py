"""How every benchmark says what it found: a table to read and a file to keep.

`bench/out/<name>.json` is a list of rows with the keys of `Row`.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

OUT = Path(__file__).resolve().parent / "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measure. `ratio` is ours by reference, `bar` what it (or, without a reference, `ours`)
    is held to, `holds` whether it does; each None where there is nothing to say."""

    measure: str
    ours: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    bar: float | None = None
    holds: bool | None = None


def against(
    measure: str, ours: float, reference: float, unit: str, *, at_least: float, ratio: float | None = None
) -> Row:
    """A row that holds when ours is at least `at_least` times the reference.

    `ratio` is given where it is not simply the one by the other (a median of pairs).
    """
    ratio = ours / reference if ratio is None else ratio
    return Row(
        measure=measure, ours=ours, unit=unit, reference=reference, ratio=ratio, bar=at_least, holds=ratio >= at_least
    )


def at_most(measure: str, ours: float, reference: float, unit: str, *, bar: float, ratio: float | None = None) -> Row:
    """A row that holds when ours is at most `bar` times the reference, for what should be little."""
    ratio = ours / reference if ratio is None else ratio
    return Row(measure=measure, ours=ours, unit=unit, reference=reference, ratio=ratio, bar=bar, holds=ratio <= bar)


def publish(name: str, rows: list[Row], notes: str = "") -> int:
    """Print the table, write the file; the exit code: 1 where a bar does not hold."""
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    heads = ("measure", "ours", "reference", "ratio", "unit", "bar", "holds")
    lines = [heads] + [tuple(_shown(getattr(row, head)) for head in heads) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    if notes:
        print(notes)
    return 1 if any(row.holds is False for row in rows) else 0


def skip(name: str, why: str) -> int:
    """Say why there is nothing to measure; an earlier file is taken away. The exit code is 0."""
    (OUT / f"{name}.json").unlink(missing_ok=True)
    print(f"{name}: skipped, {why}")
    return 0


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
    return str(value)
