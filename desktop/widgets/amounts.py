"""Sizes, durations and counts as a person reads them."""

from desktop.words import number_text, tr

KILO = 1024


def size_text(size_bytes: float) -> str:
    """ "512 bytes", "3.4 MB", "1.21 GB" (in steps of 1024)."""
    if size_bytes < KILO:
        return tr("{count} bytes", count=count_text(size_bytes))
    for unit in ("KB", "MB", "GB", "TB"):
        size_bytes /= KILO
        if size_bytes < KILO or unit == "TB":
            break
    return f"{short_text(size_bytes)} {unit}"


def count_text(count: float) -> str:
    """ "950", "12,345": whole numbers."""
    return number_text(int(count))


def short_text(value: float) -> str:
    """ "1.21", "38.2", "640": three figures, and all of them before the point."""
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    whole = abs(value - round(value)) < 0.005
    return number_text(value, 0 if whole else decimals)


def parameters_text(count: int) -> str:
    """ "135M", "1.7B": how model makers write the number of weights."""
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if count >= limit:
            value = count / limit
            return f"{value:.1f}{unit}" if value < 10 else f"{value:.0f}{unit}"
    return str(count)


def time_text(seconds: float) -> str:
    """ "8 s", "2 min", "1 h 20 min"."""
    if seconds < 60:
        return tr("{count} s", count=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return tr("{count} min", count=minutes)
    return tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
