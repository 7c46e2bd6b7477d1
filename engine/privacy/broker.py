"""The small process that starts all others, once the app itself may start nothing any more.

Run by file, before the app raises its walls, with one end of a pair of sockets as its only argument.
It holds nothing of anybody's: no store, no key, no text. It starts the processes of one table and no
other program, hands a file or a web address to the program that the desktop has for it, and ends with
the app, and its processes with it. It has no walls itself: the fetcher needs the network, and a browser
needs rights that walls would take away for good.

Only the standard library is imported, and little of it: the app's window waits for nothing here.
"""

import errno
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

if sys.platform != "win32":
    import fcntl

MODULES = {
    "model": "engine.worker.model",
    "vision": "engine.worker.vision",
    "encoder": "engine.worker.encoder",
    "embedder": "engine.worker.embedder",
    "embedder maker": "engine.worker.embeddermaker",
    "reader": "engine.worker.reader",
    "ocr": "engine.worker.ocr",
    "test models": "engine.worker.testmodels",
    "quantizer": "engine.worker.quantizer",
    "converter": "engine.worker.converter",
    "keychain": "engine.worker.keychain",
    "fetcher": "engine.worker.fetcher",
}
BROKER = "HANARE_BROKER"  # names the broker's process to those that it starts
REFUSALS = "HANARE_REFUSALS"  # the file by which they hand over their listener: see `engine.privacy.refusals`
QUIET, LOUD = b"q", b"l"
MOST_TOLD = 100  # tries of one process; what is beside itself need not fill the ledger
_HEAR, _SAY = 0xC0502100, 0xC0182101  # ioctl_secnotif(2): SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND
_TOLD = struct.Struct("=Q8xi12xQQ32x")
_SAID = struct.Struct("=Q8xi4x")
OPENABLE = ("http://", "https://")
LONGEST_BYTES = 64 * 1024
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_PASSED_ON = (
    "PATH", "SYSTEMDRIVE", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "WINDIR", "COMSPEC", "NUMBER_OF_PROCESSORS",
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
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # weights in large pages are found faster
    }


def command(module: str) -> list[str]:
    """How to start one of our processes."""
    return [sys.executable, "-P", "-m", module]


def started(
    module: str, private: str, stdin: int, stdout: int, stderr: int, ends_with: int = 0, refusals: int = -1
) -> "subprocess.Popen[bytes]":
    """Start one of our processes. It ends with the process of the number `ends_with`. Raises `OSError`.

    `refusals` is the end of a pair of sockets that it is given, -1 for none.
    """
    more = {BROKER: str(ends_with)} if ends_with else {}
    if refusals >= 0:
        more[REFUSALS] = str(refusals)
    asks = module == MODULES["keychain"]
    return subprocess.Popen(
        command(module),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=private,
        env=environment(private, session=asks) | more,
        pass_fds=(refusals,) if refusals >= 0 else (),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        process_group=0 if os.name == "posix" else None,  # Ctrl+C in a terminal is for the app alone
    )


class Refusals:
    """Answers one process each time that it tries to make a socket: no. Says which kind it was.

    The kernel holds whoever tries until the answer is there. The process hands over its listener while it is
    still our own code alone, and says when it tries its walls itself.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Nothing is heard before the process, which is given `theirs`, has sealed itself."""
        self._tell, self._left, self._quiet = tell, MOST_TOLD, True
        self._channel, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel.setblocking(False)
        self._listener, self._socket_call = -1, 0

    def files(self) -> list[int]:
        """What it listens on now."""
        return [file for file in (self._channel.fileno(), self._listener) if file >= 0]

    def heed(self, ready: dict[int, int]) -> None:
        """Do what has come up; what the process said before it tried is read before."""
        happened = ready.get(self._listener, 0)
        self._read_channel()
        if happened & select.POLLIN:
            self._answer()
        elif happened:  # every process with this filter is gone
            self._close_listener()

    def close(self) -> None:
        """It has ended."""
        self._channel.close()
        self._close_listener()

    # Its own affairs.

    def _read_channel(self) -> None:
        with suppress(BlockingIOError):
            while self._channel.fileno() >= 0:
                said, files, _, _ = socket.recv_fds(self._channel, 16, 1)
                if files and said.isdigit() and not self._socket_call:
                    (self._listener,), self._socket_call = files, int(said)
                elif not files and said in (QUIET, LOUD):
                    self._quiet = said == QUIET
                else:  # it is closed, or holds what none of ours would say
                    self._channel.close()
                    for file in files:
                        os.close(file)

    def _answer(self) -> None:
        told = bytearray(_TOLD.size)
        try:
            fcntl.ioctl(self._listener, _HEAR, told)
            number, call, family, kind = _TOLD.unpack(told)
            _until_done(self._listener, _SAY, _SAID.pack(number, -errno.EACCES))
        except OSError:  # whoever tried has ended meanwhile
            return
        if not self._quiet:
            self._tell(_way(family, kind) if call == self._socket_call else "connect")
            self._left -= 1
            if not self._left:
                self._close_listener()  # from now on the kernel refuses by itself

    def _close_listener(self) -> None:
        if self._listener >= 0:
            os.close(self._listener)
            self._listener = -1


def _until_done(file: int, request: int, what: bytes) -> None:
    while True:
        with suppress(InterruptedError):  # else whoever tried would be held for good
            fcntl.ioctl(file, request, what)
            return


def _way(family: int, kind: int) -> str:
    """The kind of socket, as the ledger names it."""
    if family in (2, 10):  # AF_INET, AF_INET6
        return {1: "tcp", 2: "udp"}.get(kind & 0xF, "raw")
    return {1: "unix", 16: "netlink", 17: "packet", 31: "bluetooth", 40: "vsock"}.get(family, f"family {family}")


class Broker:
    """Does what the app asks, one message after another, and tells of the ends of what it started."""

    def __init__(self, app: socket.socket) -> None:
        self._app = app
        self._started: dict[int, subprocess.Popen[bytes]] = {}
        self._refusals: dict[int, Refusals] = {}
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
                ready = self._ready([heard, woken])
                if woken in ready:
                    with suppress(BlockingIOError):
                        os.read(woken, LONGEST_BYTES)
                self._tell_ends()
                for refusals in self._refusals.values():
                    if not ready.keys().isdisjoint(refusals.files()):
                        refusals.heed(ready)
                if heard in ready and not self._heard():
                    return
        except (BrokenPipeError, ConnectionError):  # the app is gone
            return
        finally:
            for process in self._started.values():
                process.kill()

    def _ready(self, files: list[int]) -> dict[int, int]:
        """Wait until there is something to do: by which file, and what."""
        poll = select.poll()
        for file in (*files, *(file for refusals in self._refusals.values() for file in refusals.files())):
            poll.register(file, select.POLLIN)
        return dict(poll.poll())

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
        refusals = Refusals(lambda way: self._say(number, refused=way))
        try:
            with refusals.theirs as theirs:
                process = started(
                    MODULES[asked["kind"]], asked["private"], stdin, stdout, stderr, os.getpid(), theirs.fileno()
                )
        except OSError as error:
            refusals.close()
            self._say(number, failed=error.errno, why=error.strerror)
            return
        self._started[number], self._refusals[number] = process, refusals
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
                self._refusals.pop(number).close()
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
