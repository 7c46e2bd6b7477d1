"""Which languages a picture of text is read in: those the person chose, or that of the window and English."""

import ctypes
import locale
import os
import sys
from collections.abc import Sequence

from engine.settings import AUTOMATIC, Settings, ocr_languages_in

ENGLISH = "eng"
# From ISO 639-1 to Tesseract's own names, which are mostly those of ISO 639-2.
# Source: "Languages and Scripts" in tesseract(1).
_NAMES = {
    "af": "afr", "ar": "ara", "be": "bel", "bg": "bul", "bn": "ben", "ca": "cat", "cs": "ces", "cy": "cym",
    "da": "dan", "de": "deu", "el": "ell", "en": "eng", "eo": "epo", "es": "spa", "et": "est", "eu": "eus",
    "fa": "fas", "fi": "fin", "fr": "fra", "ga": "gle", "gl": "glg", "he": "heb", "hi": "hin", "hr": "hrv",
    "hu": "hun", "hy": "hye", "id": "ind", "is": "isl", "it": "ita", "ja": "jpn", "ka": "kat", "ko": "kor",
    "la": "lat", "lt": "lit", "lv": "lav", "mk": "mkd", "ms": "msa", "nb": "nor", "nl": "nld", "nn": "nor",
    "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk", "sl": "slv", "sq": "sqi",
    "sr": "srp", "sv": "swe", "ta": "tam", "te": "tel", "th": "tha", "tr": "tur", "uk": "ukr", "ur": "urd",
    "vi": "vie", "yi": "yid",
}  # fmt: skip
_TRADITIONAL = ("zh_tw", "zh_hk", "zh_mo", "zh_hant")


def languages_for(settings: Settings, here: Sequence[str]) -> str:
    """What Tesseract is told: of the languages that the settings want those that there is data for; "" for none.

    "automatic" are that of the window, first, and English; where neither is here, the first that is.
    """
    wanted = settings.ocr_languages
    names = ocr_languages_in(wanted) or (spoken_here(settings), ENGLISH)
    chosen = [name for name in dict.fromkeys(names) if name in here]
    if not chosen and wanted == AUTOMATIC:
        chosen = list(here[:1])
    return "+".join(chosen)


def spoken_here(settings: Settings) -> str:
    """The language of the window, or of the system where there is no other, by Tesseract's name; "" for none known."""
    return _named(settings.language if settings.language != "system" else _of_the_system())


# Its own affairs.


def _of_the_system() -> str:
    """The system's language as it calls it ("ja_JP.UTF-8"); "" where it does not say."""
    if sys.platform == "win32":
        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name, ""))), "")


def _named(spoken: str) -> str:
    code = spoken.replace("-", "_").lower()
    if code.startswith("zh"):
        return "chi_tra" if code.startswith(_TRADITIONAL) else "chi_sim"
    return _NAMES.get(code[:2], "") if code[2:3] in ("", "_", ".", "@") else ""
