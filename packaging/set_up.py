"""Make `.venv` ready: check what is needed, install the tested set, build llama.cpp once.

    python3 packaging/set_up.py          what `make run` needs
    python3 packaging/set_up.py dev      and what `make test` and `make lint` need on top

Uses the standard library only, and no syntax newer than Python 3.6 before the version is
checked, so that an old Python is told so in a sentence. Prints the time and the disk space of
each part and keeps them in `build/setup.json`. When nothing has changed since the last time it
says so and does nothing.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "llama"))
from flags import MARK, build_id, cmake_args  # noqa: E402 - beside us, in a folder that is no package

ROOT = os.path.dirname(HERE)
VENV = os.path.join(ROOT, ".venv")
BUILD = os.path.join(ROOT, "build")
CONSTRAINTS = os.path.join(HERE, "constraints.txt")
LEAST_PYTHON, LEAST_CMAKE = (3, 11), (3, 21)
# Where a program comes from, by the installer this computer has: program → package.
INSTALLERS = {
    "apt-get": (
        "sudo apt-get install -y",
        {"python": "python3.11 python3.11-venv", "venv": "python3-venv", "compiler": "g++", "cmake": "cmake"},
    ),
    "dnf": (
        "sudo dnf install -y",
        {"python": "python3.11", "venv": "python3", "compiler": "gcc-c++", "cmake": "cmake"},
    ),
    "zypper": (
        "sudo zypper install -y",
        {"python": "python311", "venv": "python311", "compiler": "gcc-c++", "cmake": "cmake"},
    ),
    "pacman": ("sudo pacman -S --needed", {"python": "python", "venv": "python", "compiler": "gcc", "cmake": "cmake"}),
    "apk": ("sudo apk add", {"python": "python3", "venv": "python3", "compiler": "g++", "cmake": "cmake"}),
    "brew": ("brew install", {"python": "python@3.12", "venv": "python@3.12", "cmake": "cmake"}),
    "winget": ("winget install", {"python": "Python.Python.3.12", "cmake": "Kitware.CMake"}),
}
# Shared libraries that Qt's window needs on Linux and that small installations lack: file → apt package.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1", "libGL.so.1": "libgl1", "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0", "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4", "libxcb-image.so.0": "libxcb-image0", "libxcb-util.so.1": "libxcb-util1",
    "libxcb-keysyms.so.1": "libxcb-keysyms1", "libxcb-randr.so.0": "libxcb-randr0", "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-render-util.so.0": "libxcb-render-util0", "libxcb-shape.so.0": "libxcb-shape0",
    "libX11-xcb.so.1": "libx11-xcb1", "libdbus-1.so.3": "libdbus-1-3", "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0", "libfreetype.so.6": "libfreetype6",
}  # fmt: skip


def give_up(sentence: str) -> None:
    """Say what is missing and stop."""
    sys.stderr.write("\n" + sentence + "\n")
    sys.exit(1)


# --- what must be there ---------------------------------------------------------------------


def command_for(*wanted: str) -> str:
    """The one command that installs the `wanted` programs here, as far as we know it."""
    if sys.platform == "darwin" and "compiler" in wanted:
        return "xcode-select --install"
    for installer, (command, packages) in INSTALLERS.items():
        known = [packages[name] for name in wanted if name in packages]
        if known and shutil.which(installer):
            return command + " " + " ".join(dict.fromkeys(known))
    return "the installer of your system"


def use_a_python_new_enough() -> None:
    """Go on with a newer Python of this computer when the one that started us is too old."""
    if sys.version_info >= LEAST_PYTHON:
        return
    for minor in (13, 12, 11, 14):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            sys.exit(subprocess.call([newer, *sys.argv]))
    give_up(
        f"Hanare needs Python 3.11 or newer; this is {platform.python_version()}. Install one with:\n"
        f"    {command_for('python')}"
    )


def cmake_version() -> "tuple[int, ...]":
    """CMake's version, (0,) where there is none."""
    if not shutil.which("cmake"):
        return (0,)
    said = subprocess.run(["cmake", "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    return tuple(int(part) for part in found.groups()) if found else (0,)


def check_needs() -> None:
    """Name everything missing at once, with the command that installs it."""
    missing = {}
    chosen = os.environ.get("CXX", "").split()
    if not any(shutil.which(name) for name in [*chosen[:1], "c++", "g++", "clang++", "cl"]):
        missing["compiler"] = "a C++ compiler"
    if cmake_version() < LEAST_CMAKE:
        missing["cmake"] = "CMake 3.21 or newer"
    try:
        import ensurepip  # noqa: F401 - some systems leave it out of Python, and asking is the only way to know
    except ImportError:
        missing["venv"] = "Python's venv module"
    if missing:
        names = " and ".join(missing.values())
        give_up(f"Hanare needs {names} to set itself up. Install with:\n    {command_for(*missing)}\nthen try again.")


def missing_qt_libraries() -> "list[str]":
    """The apt packages without which Qt cannot open a window here; empty off Linux."""
    plugin = _first(VENV, os.path.join("PySide6", "Qt", "plugins", "platforms", "libqxcb.so"))
    if not sys.platform.startswith("linux") or plugin is None or not shutil.which("ldd"):
        return []
    said = subprocess.run(["ldd", plugin], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    names = re.findall(r"^\s*(\S+) => not found", said.stdout, re.MULTILINE)
    return sorted({QT_LIBRARIES.get(name, name) for name in names if not name.startswith("libQt6")})


def _first(venv: str, ending: str) -> "str | None":
    for lib in sorted(os.listdir(os.path.join(venv, "lib"))) if os.path.isdir(os.path.join(venv, "lib")) else []:
        path = os.path.join(venv, "lib", lib, "site-packages", ending)
        if os.path.exists(path):
            return path
    return None


# --- doing it -------------------------------------------------------------------------------


class SetUp:
    """The steps, each timed and measured."""

    def __init__(self) -> None:
        self.parts: list[dict[str, object]] = []
        self.log = os.path.join(BUILD, "setup.log")
        os.makedirs(BUILD, exist_ok=True)
        open(self.log, "w").close()
        self.disk_bytes = disk_bytes(VENV)

    def step(self, title: str, *command: str, environment: "dict[str, str] | None" = None) -> None:
        """Run one command, its output into the log; stop with the log's end when it fails."""
        print(f"  {title} … ", end="", flush=True)
        began, cpu_began = time.monotonic(), children_cpu_s()
        with open(self.log, "ab") as log:
            log.write(f"\n=== {title}: {' '.join(command)}\n".encode())
            log.flush()
            code = subprocess.call(command, stdout=log, stderr=log, cwd=ROOT, env=environment)
        if code != 0:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                end = "".join(log.readlines()[-15:])
            give_up(f"{title} failed. The end of {os.path.relpath(self.log)}:\n\n{end}")
        now = disk_bytes(VENV)
        part = {
            "part": title,
            "seconds": round(time.monotonic() - began, 1),
            "cpu_seconds": round(children_cpu_s() - cpu_began, 1),
            "bytes": now - self.disk_bytes,
        }
        self.disk_bytes = now
        self.parts.append(part)
        print(f"{part['seconds']:.0f} s, {_megabytes(part['bytes'])}")

    def finish(self) -> None:
        """Print the sum and keep the figures."""
        seconds = sum(float(str(part["seconds"])) for part in self.parts)
        print(f"  Ready: {seconds:.0f} s, {_megabytes(self.disk_bytes)} in .venv.")
        report = {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "parts": self.parts,
            "seconds": round(seconds, 1),
            "bytes": self.disk_bytes,
        }
        with open(os.path.join(BUILD, "setup.json"), "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)


def _megabytes(size: object) -> str:
    return f"{int(str(size)) / 1e6:,.0f} MB"


def disk_bytes(folder: str) -> int:
    """The sum of the sizes of all files below `folder`."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            total += os.lstat(os.path.join(where, name)).st_size
    return total


def children_cpu_s() -> float:
    """Processor time that our ended child processes took, in seconds."""
    spent = os.times()
    return spent.children_user + spent.children_system


def llama_environment() -> "dict[str, str]":
    """The environment in which pip builds llama-cpp-python the small and portable way."""
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    environment["CMAKE_ARGS"] = " ".join([cmake_args(), environment.get("CMAKE_ARGS", "")]).strip()
    return environment


def llama_is_ours() -> bool:
    """Whether the llama.cpp in `.venv` was built with our flags, and not earlier for somebody else."""
    mark = _first(VENV, MARK)
    if mark is None:
        return False
    with open(mark, encoding="ascii") as file:
        return file.read() == build_id()


def install(dev: bool) -> None:
    """All steps in order; pip leaves alone what is there already in the right version."""
    print("Setting Hanare up" + (" for development" if dev else "") + ". This happens once.")
    set_up = SetUp()
    python = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin", "python")
    if not os.path.exists(python):
        set_up.step("A virtual environment", sys.executable, "-m", "venv", VENV)
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "-c", CONSTRAINTS]
    set_up.step("A recent pip", python, "-m", "pip", "install", "--disable-pip-version-check", "--upgrade", "pip>=25")
    index = os.environ.get("TORCH_INDEX")
    set_up.step("PyTorch", *pip, *(["--index-url", index] if index else []), "torch")
    set_up.step("llama.cpp, built once", *pip, "llama-cpp-python", environment=llama_environment())
    if not llama_is_ours():  # pip took a build with other flags, from here or from its cache
        anew = ("--force-reinstall", "--no-deps", "--no-cache-dir", "llama-cpp-python")
        set_up.step("llama.cpp, built anew with our flags", *pip, *anew, environment=llama_environment())
    set_up.step("Qt and the rest", *pip, "-e", ROOT + ("[dev]" if dev else ""))
    set_up.finish()


# --- knowing that it is done ----------------------------------------------------------------


def fingerprint() -> str:
    """Changes whenever what is to be installed changes."""
    digest = hashlib.sha256(sys.version.encode())
    files = [os.path.join(ROOT, "pyproject.toml"), CONSTRAINTS, os.path.abspath(__file__)]
    llama = os.path.join(HERE, "llama")
    files += [os.path.join(llama, name) for name in ("flags.py", "lean.cmake")]
    for path in files:
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def stamp(kind: str) -> str:
    """The file that says that `kind` of set-up ("run" or "dev") is done."""
    return os.path.join(VENV, f"ready-{kind}")


def is_done(kind: str) -> bool:
    """Whether the last set-up of this kind installed just what is wanted now."""
    try:
        with open(stamp(kind), encoding="ascii") as file:
            return file.read() == fingerprint()
    except FileNotFoundError:
        return False


def main() -> None:
    """Check, install unless it is done already, and leave the stamps that the Makefile looks at."""
    dev = sys.argv[1:] == ["dev"]
    if not is_done("dev" if dev else "run"):
        check_needs()
        install(dev)
        libraries = missing_qt_libraries()
        if libraries:
            print("\nThe window needs a few libraries that are not here. On Debian and Ubuntu, install them with:")
            print("    sudo apt-get install -y " + " ".join(libraries) + "\n")
    for kind in ("run", "dev") if dev else ("run",):
        with open(stamp(kind), "w", encoding="ascii") as file:
            file.write(fingerprint())


if __name__ == "__main__":
    use_a_python_new_enough()
    main()
