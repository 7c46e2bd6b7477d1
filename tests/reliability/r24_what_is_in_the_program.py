"""Nothing in the program can speak to the network but the fetcher: libraries, modules and what the app has loaded.

Counted: a network symbol that a library of llama.cpp imports; a module of ours outside the fetcher that imports
one that speaks to the network; a Qt network or web module, a heavy library or one that unpickles (diskcache) in
the app's process with its window open; a library of Qt's network among those that it has mapped.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.architecture.test_house_rules import imported
from tests.reliability.row import Outcome, Size, Tally

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 120
SYMBOLS = {
    "socket", "connect", "bind", "listen", "accept", "accept4", "getaddrinfo", "gethostbyname", "gethostbyname_r",
    "send", "sendto", "sendmsg", "recv", "recvfrom", "recvmsg", "res_query", "curl_easy_init", "curl_easy_perform",
    "SSL_connect", "SSL_new",
}  # fmt: skip
BANNED = (
    "urllib.request", "http.client", "http.server", "requests", "httpx", "httpx2", "httpcore", "httpcore2", "aiohttp",
    "websockets", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib", "xmlrpc", "urllib3",
    "huggingface_hub", "hf_xet",
    "PySide6.QtNetwork", "PySide6.QtWebEngineCore", "PySide6.QtWebEngineWidgets", "PySide6.QtWebSockets",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtWebChannel", "PySide6.QtHttpServer", "diskcache", "pickle",
)  # fmt: skip
# The socket module itself: who may use it, and for what.
SOCKETS = {
    "engine/privacy/probe.py",  # tries what is refused
    "engine/privacy/broker.py",  # a pair of sockets between the app and its broker
    "engine/privacy/starting.py",
    "engine/privacy/refusals.py",  # the end of such a pair that a process is given
    "engine/privacy/witness.py",  # plants the leaks that the proof has to see
}
NOT_IN_THE_APP = (
    *BANNED,
    "llama_cpp",
    "torch",
    "sentence_transformers",
    "transformers",
    "lxml",
    "pypdfium2",
    "python_calamine",
    "striprtf",
)
MAY_BE_LOADED = {"pickle"}  # by numpy, which is given no pickles: ours import it nowhere
NOT_MAPPED = ("libQt6Network", "libQt6Qml", "libQt6Quick", "libQt6WebEngine", "libQt6WebSockets", "libcurl", "libllama")

APP = """
import json, sys
from desktop.__main__ import main
from PySide6.QtCore import QTimer
import desktop.sitting
from pathlib import Path
real = desktop.sitting.Window
class Window(real):
    def __init__(self, *parts):
        super().__init__(*parts)
        QTimer.singleShot(0, self, self.visit)
    def visit(self):
        from desktop.window import PAGES
        for page in PAGES:
            self.show_page(page)
        lines = Path("/proc/self/maps").read_text().splitlines() if sys.platform == "linux" else []
        maps = sorted({line.split()[-1] for line in lines if "/" in line})
        print(json.dumps({"modules": sorted(sys.modules), "maps": maps}), flush=True)
        self.close()
desktop.sitting.Window = Window
sys.exit(main(["--data", sys.argv[1]]))
"""


def run(size: Size) -> Outcome:
    """Look at all of it; there is nothing to do more often at night."""
    tally = Tally()
    _libraries(tally)
    for path in sorted([*(ROOT / "engine").rglob("*.py"), *(ROOT / "desktop").rglob("*.py")]):
        _module(tally, path)
    _app(tally)
    return tally.outcome


def _libraries(tally: Tally) -> None:
    spec = find_spec("llama_cpp")
    folder = Path(spec.origin).parent / "lib" if spec and spec.origin else None
    libraries = sorted(folder.glob("*.so*")) if folder else []
    if not libraries or not shutil.which("nm"):
        tally.failed("llama.cpp's libraries, or nm to look into them, are not here")
    for library in libraries:
        listed = subprocess.run(["nm", "-D", "--undefined-only", library], capture_output=True, text=True, check=False)
        wanted = {line.split()[-1].split("@")[0] for line in listed.stdout.splitlines() if line.strip()}
        tally.check(bool(wanted), f"{library.name}: nm told nothing: {listed.stderr[:100]}")
        tally.check(not wanted & SYMBOLS, f"{library.name} imports {sorted(wanted & SYMBOLS)}")


def _module(tally: Tally, path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    names = set(imported(ast.parse(path.read_text(encoding="utf-8"))))
    banned = () if name.startswith("engine/worker/fetcher/") else BANNED
    if name not in SOCKETS and banned:
        banned = (*banned, "socket", "ssl", "asyncio")
    found = {one for one in names if one.startswith(tuple(f"{each}." for each in banned)) or one in banned}
    tally.check(not found, f"{name} imports {sorted(found)}")


def _app(tally: Tally) -> None:
    environment = os.environ | {"HANARE_KEYCHAIN": "off", "QT_QPA_PLATFORM": "offscreen"}
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [sys.executable, "-c", APP, folder], cwd=ROOT, env=environment, timeout=LONGEST_S, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
    if run.returncode != 0 or not run.stdout:
        tally.failed(f"the app ended with {run.returncode}: {run.stderr[-300:]}")
        return
    told = json.loads(run.stdout.splitlines()[-1])
    modules = set(told["modules"])
    tally.check("PySide6.QtWidgets" in modules, "the app's window was not open")
    for name in NOT_IN_THE_APP:
        tally.check(name in MAY_BE_LOADED or name not in modules, f"the app has loaded {name}")
    for name in NOT_MAPPED:
        mapped = [path for path in told["maps"] if Path(path).name.startswith(name)]
        tally.check(not mapped, f"the app has mapped {mapped}")
