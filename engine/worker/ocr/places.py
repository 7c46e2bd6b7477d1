"""Where Tesseract's own library is usually installed, and the data of its languages beside it.

The library is loaded and no program is started: the walls of this process forbid that, and need no gap for it.
Source: the packages of Debian, Fedora and Arch, Homebrew and MacPorts, and the installer for Windows that
tesseract-ocr.github.io names.
"""

import glob
import os
import re
import sys
from collections.abc import Iterator

_FOLDERS = {
    "linux": ("/usr/lib/*-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib64", "/usr/local/lib"),
    "darwin": tuple(f"/{prefix}/lib" for prefix in ("opt/homebrew", "usr/local", "opt/local")),
    "win32": (),
}
_NAMES = {"linux": "libtesseract.so.*", "darwin": "libtesseract.*.dylib", "win32": "*tesseract*.dll"}
_DATA = ("tessdata", os.path.join(os.pardir, "share", "tessdata"))  # from the library's folder; else it knows itself


def libraries() -> Iterator[str]:
    """The paths of the libraries that are here, of the folder that is looked into first the newest first."""
    for pattern in _folders():
        found = glob.glob(os.path.join(pattern, _NAMES.get(sys.platform, _NAMES["linux"])))
        yield from sorted(found, key=_numbers, reverse=True)


def data_beside(library: str) -> str | None:
    """The folder with the data of languages that lies beside a library; None where that one knows better."""
    if sys.platform == "linux":
        return None
    folders = (os.path.normpath(os.path.join(os.path.dirname(library), name)) for name in _DATA)
    return next((folder for folder in folders if os.path.isdir(folder)), None)


def languages_in(folder: str) -> tuple[str, ...]:
    """The languages that there is data for, by Tesseract's names, in order; not what only tells how a page lies."""
    try:
        names = os.listdir(folder)
    except OSError:
        return ()
    found = (name.removesuffix(".traineddata") for name in names if name.endswith(".traineddata"))
    return tuple(sorted(name for name in found if name not in ("osd", "equ") and re.fullmatch(r"\w{1,40}", name)))


def tells_how_pages_lie(folder: str) -> bool:
    """Whether the data is there by which Tesseract tells how a page is turned."""
    return os.path.isfile(os.path.join(folder, "osd.traineddata"))


def _folders() -> tuple[str, ...]:
    if sys.platform != "win32":
        return _FOLDERS.get(sys.platform, _FOLDERS["linux"])
    programs = os.path.join(os.environ.get("SYSTEMDRIVE", "C:") + os.sep, "Program Files")
    on_path = (folder for folder in os.environ.get("PATH", "").split(os.pathsep) if "tesseract" in folder.lower())
    return (*on_path, os.path.join(programs, "Tesseract-OCR"))


def _numbers(path: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", os.path.basename(path))]
