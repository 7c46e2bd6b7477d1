"""The small process that starts all others, once the app itself may start nothing any more.

Run by file, before the app raises its walls, with one end of a pair of sockets as its only argument.
It holds nothing of anybody's: no store, no key, no text. It starts the processes of one table and no
other program, hands a file or a web address to the program that the desktop has for it, and ends with
the app, and its processes with it. It has no walls itself: the fetcher needs the network, and a browser
needs rights that walls would take away for good.

Only the standard library is imported, and little of it: the app's window waits for nothing here.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any

MODULES = {
    "model": "engine.worker.model",
    "embedder": "engine.worker.embedder",
    "reader": "engine.worker.reader",
    "test models": "engine.worker.testmodels",
    "keychain": "engine.worker.keychain",
    "fetcher": "engine.worker.fetcher",
}
BROKER = "HANARE_BROKER"  # names the broker's process to those that it starts
OPENABLE = ("http://", "https://")
LONGEST_BYTES = 64 * 1024
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_PASSED_ON = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "WINDIR", "COMSPEC", "NUMBER_OF_PROCESSORS",
    "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy",
)  # fmt: skip
# Where the session's keychain answers: for the process that asks it, and for no other.
_OF_THE_SESSION = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP", "HANARE_KEYCHAIN")


def environment(private: str, session: bool = False) -> dict[str, str]:
    """What a process sees: no secrets, and a home of its own so that no cache of text is left.

    With `session` also where to find the other programs of the person's session.
    """
    names = (*_PASSED_ON, *_OF_THE_SESSION) if session else _PASSED_ON
    passed = {name: os.environ[name] for name in names if name in os.environ}
    return passed | {
        "PYTHONPATH": _ROOT,
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "HOME": private,
        "USERPROFILE": private,
        "XDG_CACHE_HOME": private,
        "XDG_CONFIG_HOME": private,
        "XDG_DATA_HOME": private,
        "TMPDIR": private,
        "TEMP": private,
        "TMP": private,
        "HF_HOME": private,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "DO_NOT_TRACK": "1",
        "ORT_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "OPENBLAS_NUM_THREADS": "1",  # numpy's threads would only spin beside llama.cpp's
        "GGML_NO_BACKTRACE": "1",  # else a dying llama.cpp waits for a debugger
    }


def command(module: str) -> list[str]:
    """How to start one of our processes."""
    return [sys.executable, "-P", "-m", module]


def started(
    module: str, private: str, stdin: int, stdout: int, stderr: int, ends_with: int = 0
) -> "subprocess.Popen[bytes]":
    """Start one of our processes. It ends with the process of the number `ends_with`. Raises `OSError`."""
    asks = module == MODULES["keychain"]
    return subprocess.Popen(
        command(module),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=private,
        env=environment(private, session=asks) | ({BROKER: str(ends_with)} if ends_with else {}),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        process_group=0 if os.name == "posix" else None,  # Ctrl+C in a terminal is for the app alone
    )


class Broker:
    """Does what the app asks, one message after another, and tells of the ends of what it started."""

    def __init__(self, app: socket.socket) -> None:
        self._app = app
        self._started: dict[int, subprocess.Popen[bytes]] = {}
        self._openers: list[subprocess.Popen[bytes]] = []

    def serve(self) -> None:
        """Until the app is gone; then nothing that was started here is left."""
        woken, wake = os.pipe()
        heard = self._app.fileno()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            while True:
                ready, _, _ = select.select([heard, woken], [], [])
                if woken in ready:
                    with suppress(BlockingIOError):
                        os.read(woken, LONGEST_BYTES)
                self._tell_ends()
                if heard in ready and not self._heard():
                    return
        except (BrokenPipeError, ConnectionError):  # the app is gone
            return
        finally:
            for process in self._started.values():
                process.kill()

    def _heard(self) -> bool:
        message, files, _, _ = socket.recv_fds(self._app, LONGEST_BYTES, 3)
        try:
            if not message:
                return False
            asked = json.loads(message)
            getattr(self, f"_{asked['do']}")(asked["number"], asked, files)
            return True
        finally:
            for file in files:
                os.close(file)

    def _start(self, number: int, asked: dict[str, Any], files: list[int]) -> None:
        stdin, stdout, stderr = files
        try:
            process = started(MODULES[asked["kind"]], asked["private"], stdin, stdout, stderr, os.getpid())
        except OSError as error:
            self._say(number, failed=error.errno, why=error.strerror)
            return
        self._started[number] = process
        self._say(number, pid=process.pid)

    def _kill(self, number: int, asked: dict[str, Any], files: list[int]) -> None:
        if number in self._started:  # else it has ended, and its process number may be another's
            self._started[number].kill()

    def _open(self, number: int, asked: dict[str, Any], files: list[int]) -> None:
        """A file or folder of this computer, or a web address: never a program with arguments."""
        what = asked["what"]
        can = what.startswith(OPENABLE) or (what.startswith("/") and not what.startswith("//") and os.path.exists(what))
        quiet = subprocess.DEVNULL
        try:
            if can:
                opener = subprocess.Popen(
                    ["xdg-open", what], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
                )
                self._openers.append(opener)
        except OSError:
            can = False
        self._say(number, opened=can)

    def _tell_ends(self) -> None:
        self._openers = [opener for opener in self._openers if opener.poll() is None]
        for number, process in list(self._started.items()):
            if process.poll() is not None:
                del self._started[number]
                self._say(number, ended=process.returncode)

    def _say(self, number: int, **what: object) -> None:
        self._app.send(json.dumps({"number": number, **what}).encode("ascii"))


def main() -> None:
    """Run as `python -I -S broker.py DESCRIPTOR`."""
    os.setpgid(0, 0)  # Ctrl+C in a terminal is for the app alone
    with socket.socket(fileno=int(sys.argv[1])) as app:
        Broker(app).serve()


if __name__ == "__main__":
    main()
