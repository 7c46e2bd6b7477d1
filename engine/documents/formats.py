"""Which files are read, and by which reader: the engine's one table of formats.

The reader's process has the other half, from kind to reader. A folder is searched for these
names only; a file added by name must be one of them.
"""

from pathlib import Path

KINDS: dict[str, str] = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
}
MOST_BYTES = 1024**3  # of any kind; the reader's process has a limit for each
DRAWN = frozenset({"pdf"})  # kinds whose pages can be shown as they look


def kind_of(path: Path) -> str | None:
    """The kind of reader for a file of this name; None where there is none."""
    return KINDS.get(path.suffix.lower())
