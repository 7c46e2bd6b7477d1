"""Rich Text Format, by striprtf. Source of the code page: RTF specification 1.9.1, \\ansicpg."""

import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

from engine.worker.reader.file import File
from engine.worker.reader.unit import Unit, units

CALLED = "RTF"
_BYTE = re.compile(rb"[\x80-\xff]")


def read(file: File) -> Iterator[Unit]:
    """The document's text."""
    # Some programs write bytes of the code page as they are, where the format asks for escapes.
    source = _BYTE.sub(lambda byte: b"\\'%02x" % byte[0][0], file.read()).decode("ascii")
    try:
        text = str(rtf_to_text(source, errors="replace"))  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, IndexError, OverflowError, TypeError) as error:
        raise file.damaged(CALLED, "it is broken") from error
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # \u writes such a sign in halves
    yield from units(text.replace("\r\n", "\n").replace("\r", "\n").strip())
