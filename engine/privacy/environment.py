"""The environment that the program was started in: what could bring foreign code or eyes into it is taken out.

Before anything else is done. What has worked already by then (a library put before all others, a folder put
before Python's own) cannot be undone in this process: it starts itself again, once, without it. Our other
processes get an environment of their own, see `broker.environment`; proxies and certificates are for the
fetcher alone, which is given them there.
"""

import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_AGAIN = "HANARE_STARTED_AGAIN"  # from before to after: the process's number, which stays the same, and what was taken
_WORKED_ALREADY = ("LD_", "DYLD_", "PYTHON")
# Whole families go, and names that load code or write keys down. What a desktop needs of a family stays: see `_KEPT`.
_TAKEN = re.compile(
    r"LD_.*|DYLD_.*|PYTHON.*|QT_.*|QTDIR|QML.*|QSG_.*|KEYRING_.*|GTK.*_MODULES|GTK_(PATH|EXE_PREFIX|DATA_PREFIX)"
    r"|GTK_IM_MODULE_FILE|GDK_PIXBUF_MODULE.*|GIO_(EXTRA_MODULES|MODULE_DIR)|GCONV_PATH|OPENSSL_.*|SSLKEYLOGFILE"
    r"|LIBGL_DRIVERS_PATH|GBM_BACKENDS_PATH|__EGL_VENDOR_.*|__EGL_EXTERNAL_.*|VK_.*|OCL_ICD_.*|BASH_ENV|MALLOC_TRACE"
)
_PLATFORM = (
    r"(xcb|wayland(-egl)?|offscreen|minimal|linuxfb|eglfs|cocoa|windows)(:[\w=,.-]*)?"  # not vnc: it opens a port
)
_ANY = re.compile(".*", re.DOTALL)
_KEPT = {
    "QT_QPA_PLATFORM": re.compile(f"{_PLATFORM}(;{_PLATFORM})*"),
    "QT_IM_MODULE": re.compile(r"(?!.*virtualkeyboard).*"),  # that one brings QML and the network along
    "QT_IM_MODULES": re.compile(r"(?!.*virtualkeyboard).*"),
    **dict.fromkeys(
        (
            "QT_SCALE_FACTOR", "QT_SCREEN_SCALE_FACTORS", "QT_AUTO_SCREEN_SCALE_FACTOR", "QT_ENABLE_HIGHDPI_SCALING",
            "QT_SCALE_FACTOR_ROUNDING_POLICY", "QT_USE_PHYSICAL_DPI", "QT_FONT_DPI", "QT_ACCESSIBILITY",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON", "QT_WAYLAND_DISABLE_WINDOWDECORATION", "QT_X11_NO_MITSHM", "QT_OPENGL",
            "QT_XCB_GL_INTEGRATION", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
            "PYTHONNOUSERSITE", "PYTHONSAFEPATH", "PYTHONHASHSEED", "PYTHONFAULTHANDLER",
        ),
        _ANY,
    ),
}  # fmt: skip
_SYSTEM = ("/usr/", "/lib", "/opt", "/nix/store/", "/gnu/store/", "/run/opengl-driver")  # the administrator's folders

_taken: tuple[str, ...] = ()
_held: tuple[str, ...] = ()


def taken_out() -> tuple[str, ...]:
    """The names of the variables that this program was started with and does not keep, in order."""
    return _taken


def still_at_work() -> tuple[str, ...]:
    """Those of them that had worked before the program could begin, and could not be undone by a new start."""
    return _held


def clean() -> None:
    """Take out what is foreign; may start this program anew in its place. Once; the first thing of all."""
    global _taken, _held
    number, _, before = os.environ.pop(_AGAIN, "").partition(" ")
    again = number == str(os.getpid())
    earlier = before.split() if again else []
    found = _take()
    worked = [name for name in found if name.startswith(_WORKED_ALREADY)]
    _taken = tuple(sorted({*_taken, *earlier, *found}))
    if worked and os.name == "posix" and sys.executable and not again:
        environment = {**os.environ, _AGAIN: " ".join((str(os.getpid()), *_taken))}
        with suppress(OSError):  # then it goes on with what it has, and `still_at_work` tells
            os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)
    _held = tuple(sorted({*_held, *worked}))


def _take() -> list[str]:
    """Take out or shorten every variable that has something foreign in it; their names."""
    found = []
    for name, value in list(os.environ.items()):
        if not _TAKEN.fullmatch(name):
            continue
        own = _ours(name, value)
        if own != value:
            found.append(name)
            if own:
                os.environ[name] = own
            else:
                del os.environ[name]
    return found


def _ours(name: str, value: str) -> str:
    """What stays of it: all, the folders that are the program's or the system's, or nothing."""
    if name == "PYTHONPATH":
        return _folders(value, lambda folder: os.path.abspath(folder) == _ROOT)
    if name == "LD_LIBRARY_PATH":
        return _folders(value, lambda folder: folder.startswith(_SYSTEM) and ".." not in folder)
    kept = _KEPT.get(name)
    return value if kept is not None and kept.fullmatch(value) else ""


def _folders(value: str, stays: Callable[[str], bool]) -> str:
    return os.pathsep.join(folder for folder in value.split(os.pathsep) if stays(folder))
