"""The command that installs Tesseract here, as the system's own packages call it. It is offered and never run.

Source: the packages of Debian and Ubuntu, Fedora, Arch Linux, Homebrew, and winget.
"""

import platform
import sys

from engine.documents.ocr_languages import ENGLISH, spoken_here
from engine.settings import Settings

_COMMANDS = {  # without and with the data of a language
    "debian": ("sudo apt install tesseract-ocr", " tesseract-ocr-{language}"),
    "fedora": ("sudo dnf install tesseract", " tesseract-langpack-{language}"),
    "arch": ("sudo pacman -S tesseract tesseract-data-eng", " tesseract-data-{language}"),
    "darwin": ("brew install tesseract", " tesseract-lang"),
    "win32": ("winget install UB-Mannheim.TesseractOCR", ""),
}


def install_command(settings: Settings) -> str:
    """What to type in a terminal, with the language of the window; "" where this system's packages are not known."""
    command, data = _COMMANDS.get(_system(), ("", ""))
    language = spoken_here(settings)
    return command + data.format(language=language.replace("_", "-")) if language not in ("", ENGLISH) else command


def _system() -> str:
    if sys.platform != "linux":
        return sys.platform
    try:
        about = platform.freedesktop_os_release()
    except OSError:
        return ""
    named = (about.get("ID", ""), *about.get("ID_LIKE", "").split())
    return next((name for name in named if name in _COMMANDS), "")
