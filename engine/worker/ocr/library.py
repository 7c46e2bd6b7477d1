"""Tesseract's C interface: a picture of grey points in, a table of its words out.

Source: include/tesseract/capi.h of tesseract-ocr; what is called here is the same from 4.1 to 5.
"""

import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import DocumentDamaged
from engine.worker.ocr.places import data_beside, languages_in, libraries, tells_how_pages_lie

OLDEST = (4, 1)
_WHOLE_PAGE = 3  # PSM_AUTO: columns, lines and words are looked for, how the page is turned is not
_HOW_IT_LIES = 0  # PSM_OSD_ONLY
_POINTER, _TEXT, _NUMBER = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
# What each function returns and is given; text that is the caller's to free is returned as a pointer.
_FUNCTIONS: dict[str, tuple[object, tuple[object, ...]]] = {
    "TessVersion": (_TEXT, ()),
    "TessDeleteText": (None, (_POINTER,)),
    "TessBaseAPICreate": (_POINTER, ()),
    "TessBaseAPIInit3": (_NUMBER, (_POINTER, _TEXT, _TEXT)),
    "TessBaseAPIGetDatapath": (_TEXT, (_POINTER,)),
    "TessBaseAPISetPageSegMode": (None, (_POINTER, _NUMBER)),
    "TessBaseAPISetImage": (None, (_POINTER, _TEXT, _NUMBER, _NUMBER, _NUMBER, _NUMBER)),
    "TessBaseAPISetSourceResolution": (None, (_POINTER, _NUMBER)),
    "TessBaseAPIDetectOrientationScript": (_NUMBER, (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER)),
    "TessBaseAPIRecognize": (_NUMBER, (_POINTER, _POINTER)),
    "TessBaseAPIGetTsvText": (_POINTER, (_POINTER, _NUMBER)),
    "TessBaseAPIClear": (None, (_POINTER,)),
    "TessBaseAPIEnd": (None, (_POINTER,)),
    "TessBaseAPIDelete": (None, (_POINTER,)),
}


class Library:
    """The library of Tesseract on this computer; `version` is its own word for it, `languages` have data here."""

    def __init__(self, loaded: ctypes.CDLL, data: str | None) -> None:
        """Raises `AttributeError` for a library without one of the functions."""
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(loaded, name)
            function.restype, function.argtypes = result, arguments
        self._loaded = loaded
        self._data = data.encode() if data else None
        self._ready, self._api = "", None
        self.version = loaded.TessVersion().decode("ascii", "replace")
        folder = self._folder()
        self.languages, self._tells_how_it_lies = languages_in(folder), tells_how_pages_lie(folder)

    @property
    def fits(self) -> bool:
        """Whether it is one that is known here."""
        numbers = tuple(int(number) for number in re.findall(r"\d+", self.version)[:2])
        return numbers >= OLDEST

    def table(self, grey: bytes, width: int, height: int, dpi: int, languages: str) -> str:
        """The words of a picture as Tesseract's own table, TSV. `grey` has a byte for each point.

        Raises `DocumentDamaged` where the data of the languages ("eng+jpn") cannot be used.
        """
        api, call = self._made_ready(languages), self._loaded
        call.TessBaseAPISetPageSegMode(api, _WHOLE_PAGE)
        call.TessBaseAPISetImage(api, grey, width, height, 1, width)
        call.TessBaseAPISetSourceResolution(api, dpi)
        try:
            if call.TessBaseAPIRecognize(api, None):
                return ""
            pointer = call.TessBaseAPIGetTsvText(api, 0)
            if not pointer:
                return ""
            try:
                return ctypes.string_at(pointer).decode("utf-8", "replace")
            finally:
                call.TessDeleteText(pointer)
        finally:
            call.TessBaseAPIClear(api)

    def turned(self, grey: bytes, width: int, height: int, dpi: int) -> int:
        """By how many degrees a page is turned clockwise: 0, 90, 180 or 270.

        0 too where Tesseract cannot tell: its data for that is not installed, or there are too few letters.
        """
        call = self._loaded
        if not self._tells_how_it_lies:
            return 0
        with _api(call) as api:
            if call.TessBaseAPIInit3(api, self._data, b"osd"):
                return 0
            call.TessBaseAPISetPageSegMode(api, _HOW_IT_LIES)
            call.TessBaseAPISetImage(api, grey, width, height, 1, width)
            call.TessBaseAPISetSourceResolution(api, dpi)
            degrees, sure = ctypes.c_int(0), ctypes.c_float(0)
            script, script_sure = ctypes.c_char_p(), ctypes.c_float(0)
            told = (ctypes.byref(one) for one in (degrees, sure, script, script_sure))
            if not call.TessBaseAPIDetectOrientationScript(api, *told):
                return 0
            return degrees.value % 360 // 90 * 90

    # Its own affairs.

    def _made_ready(self, languages: str) -> object:
        """Loading languages takes some tenths of a second, so they stay loaded."""
        if self._ready != languages:
            self._let_go()
            self._api = self._loaded.TessBaseAPICreate()
            if self._loaded.TessBaseAPIInit3(self._api, self._data, languages.encode()):
                self._let_go()
                why = "Tesseract cannot use what is there"
                raise DocumentDamaged(path=languages, kind="language data of Tesseract", why=why)
            self._ready = languages
        return self._api

    def _let_go(self) -> None:
        if self._api is not None:
            _end(self._loaded, self._api)
        self._ready, self._api = "", None

    def _folder(self) -> str:
        """Where its data lies, as it says when it is asked for a language that there is not."""
        with _api(self._loaded) as api:
            self._loaded.TessBaseAPIInit3(api, self._data, b"-")
            return (self._loaded.TessBaseAPIGetDatapath(api) or b"").decode("utf-8", "replace")


def found() -> Library | None:
    """The first library that can be used; None where there is none."""
    for path in libraries():
        try:
            library = Library(ctypes.CDLL(path), data_beside(path))
        except (OSError, AttributeError):  # for another processor, without its own libraries, or too old
            continue
        if library.fits:
            return library
    return None


@contextmanager
def _api(loaded: ctypes.CDLL) -> Iterator[object]:
    api = loaded.TessBaseAPICreate()
    try:
        yield api
    finally:
        _end(loaded, api)


def _end(loaded: ctypes.CDLL, api: object) -> None:
    loaded.TessBaseAPIEnd(api)
    loaded.TessBaseAPIDelete(api)
