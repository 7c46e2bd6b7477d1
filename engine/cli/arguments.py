"""What may stand on a command line: numbers that make sense, and text that is text."""

import argparse

MOST = 1_000_000_000


def at_least_one(text: str) -> int:
    """A whole number from 1 to `MOST`."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number of 1 or more, at most {MOST:,}")
    return number


def file_descriptor(text: str) -> int:
    """The number of a file descriptor, 0 for standard input."""
    if not text.isdecimal() or not text.isascii():
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a file descriptor")
    return int(text)


def spoken(text: str) -> str:
    """Text from the terminal; bytes that are no text, as another encoding leaves them, become a mark."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
