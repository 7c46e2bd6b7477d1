"""When the file of a model was last changed, by which one sees later whether it is still what was read."""

from pathlib import Path

from engine.errors import from_os_error


def mtime_ns_of(path: Path) -> int:
    """In nanoseconds, as the system has it. Raises `FileMissing`, `FileNotReadable`."""
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise from_os_error(error, path) from error
