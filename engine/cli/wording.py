"""How facts read in a terminal: sizes, counts, places, and text cut and wrapped to its columns.

Pure functions. `inert` is what keeps a model's or a document's text from steering the terminal.
"""

import os
import re
import sys
import unicodedata

from engine.context import Context, Part
from engine.events import Progressed
from engine.types import Speed, Spot
from engine.unseen import visible

EXCERPT = 320  # characters of a passage that a list of hits shows; the whole of it is in the JSON
MARK, UNMARK = "\ue000", "\ue001"  # stand for the beginning and end of a mark until text is wrapped
_WIDE = r"\u3000-\u9fff\uf900-\uffef"
_BROKEN_JAPANESE = re.compile(rf"(?<=[{_WIDE}])[ \t]*\n[ \t]*(?=[{_WIDE}])")

THREADS_WHY = {
    "chosen": "as the settings say",
    "busy": "other programs were at work",
    "battery": "on battery",
    "share": "as many as the container allows",
    "fast": "the fast cores",
    "measured": "more were no faster",
    "seed": "always as many with a seed",
}
PARTS = {
    Part.SYSTEM: "instructions",
    Part.SUMMARY: "summary",
    Part.TURN: "earlier messages",
    Part.PASSAGE: "passages",
    Part.QUESTION: "question",
    Part.BEGUN: "answer so far",
    Part.TEMPLATE: "template",
}


def inert(text: str) -> str:
    """The text with what is hidden in it made visible: nothing in it steers the terminal or deceives the eye."""
    return visible(text.replace("\r\n", "\n")).replace(MARK, "").replace(UNMARK, "")


def excerpt(text: str, marks: tuple[tuple[int, int], ...] = (), longest: int = EXCERPT) -> str:
    """One line of a passage, around its first mark; marks stand between MARK and UNMARK."""
    first = marks[0][0] if marks else 0
    start = max(0, min(first - longest // 3, len(text) - longest))
    end = min(len(text), start + longest)
    if start:
        start += max(0, text.find(" ", start, start + 20) - start)  # not in the middle of a word
    if end < len(text):
        word_end = text.rfind(" ", end - 20, end)
        end = end if word_end < 0 else word_end
    pieces, at = [], start
    for mark_start, mark_end in marks:
        if at <= mark_start and mark_end <= end:
            pieces += [inert(text[at:mark_start]), MARK, inert(text[mark_start:mark_end]), UNMARK]
            at = mark_end
    shown = "".join([*pieces, inert(text[at:end])])
    line = " ".join(_BROKEN_JAPANESE.sub("", shown).split())
    return ("… " if start else "") + line + (" …" if end < len(text) else "")


def columns_of(text: str) -> int:
    """How many columns a terminal gives the text; East Asian wide characters take two, marks none."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - text.count(MARK) - text.count(UNMARK)


def wrapped(text: str, columns: int, indent: str) -> str:
    """A line of text as several of at most `columns`; Japanese may break between any two characters."""
    lines, line = [], indent
    for piece in re.findall(rf"[{_WIDE}]|[^\s{_WIDE}]+|\s+", text):
        if columns_of(line) + columns_of(piece) > columns and line.strip():
            lines.append(line.rstrip())
            line = indent
        if line != indent or not piece.isspace():
            line += piece
    return "\n".join([*lines, line.rstrip()])


def width() -> int:
    """How many columns to fill."""
    try:
        return max(40, min(100, os.get_terminal_size(sys.stderr.fileno()).columns))
    except (OSError, ValueError):
        return 100


def place(spot: Spot) -> str:
    """Where a passage stands, for a person."""
    read = "" if spot.confidence is None else f"read by OCR, {spot.confidence:.0%}"
    return ", ".join(words for words in (spot.path.name, spot.place.words, read) if words)


def cost(speed: Speed) -> str:
    """Tokens, speed, wait, memory and threads of one answer, and what was guessed right of it."""
    pace = f", {speed.tokens_per_s:.1f} tokens/s" if speed.tokens_per_s else ""  # one token has none
    threads = f", {count(speed.threads, 'thread')}" if speed.threads else ""
    if threads and speed.reading_threads not in (0, speed.threads):
        threads = f", {speed.reading_threads} threads to read and {speed.threads} to write"
    why = THREADS_WHY.get(speed.threads_why, "")
    guessed = f", {speed.guessed_right} of {speed.guessed} guessed right" if speed.guessed else ""
    if speed.speed_up > 1:
        guessed += f" ({speed.speed_up:.1f} times as fast)"
    return (
        f"{count(speed.tokens, 'token')}{pace}, first token after {speed.first_token_s:.2f} s, "
        f"{read_anew(speed)}peak memory {size(speed.peak_bytes)}{threads}"
        f"{f' ({why})' if why and threads else ''}{guessed}"
    )


def read_anew(speed: Speed) -> str:
    """How much of the prompt was read for this answer, the rest being held from before; "" where that is not known."""
    if not speed.prompt_tokens:
        return ""
    read = speed.prompt_tokens - speed.reused_tokens
    return f"{read:,} of {count(speed.prompt_tokens, 'prompt token')} read, "


def filled(context: Context, speed: Speed | None) -> str:
    """How much of the context is filled, and with what."""
    used = context.prompt_tokens + (speed.tokens if speed else 0)
    parts = [
        f"{name} {context.tokens(part):,}"
        for part, name in PARTS.items()
        if any(entry.part is part and entry.tokens for entry in context.entries)
    ]
    return f"context: {used:,} of {count(context.context_tokens, 'token')} filled ({', '.join(parts)})"


def size(size_bytes: int) -> str:
    """A size for a person, in the units that disks and memory are sold in."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= scale:
            return f"{size_bytes / scale:.1f} {unit}"
    return f"{size_bytes} bytes"


def count(number: int, one: str, many: str = "") -> str:
    """A number and its noun: "1 file", "3 files"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def nth(number: int) -> str:
    """A place in a ranking: 1st, 2nd, 3rd, 4th."""
    teens = number % 100 in (11, 12, 13)
    return f"{number:,}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def moved(event: Progressed) -> str:
    """How far work has come, in one line."""
    if event.unit == "bytes":
        done, total, per_s = size(event.done), size(event.total), f"{size(int(event.per_s))}/s"
    else:
        done, total, per_s = f"{event.done:,}", f"{event.total:,}", f"{event.per_s:.1f} {event.unit}/s"
    parts = [f"{done} of {total}" if event.total else done, "" if event.unit == "bytes" else event.unit]
    line = " ".join(part for part in parts if part)
    if event.per_s > 0:
        line += f", {per_s}"
    if event.left_s is not None:
        line += f", {event.left_s:.0f} s left"
    return f"{line}  {inert(event.now)}"
