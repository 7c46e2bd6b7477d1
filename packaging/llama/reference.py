"""Builds llama.cpp's programs that ours is compared with in `bench/tools`, from our llama-cpp-python's own sources.

Run by `make bench-tools`. Downloads the source distribution of the pinned version with pip,
checks its hash, and builds with the same flags at low priority, linked as llama.cpp links its own
releases: with shared libraries, which stay in the build folder. Built once; a second run returns at once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from flags import REFERENCE, SDIST_SHA256, SPEED, VERSION  # beside us, in a folder that is no package

TOOLS = Path(__file__).resolve().parents[2] / "bench" / "tools"
TARGETS = ("llama-bench", "llama-server", "llama-quantize", "llama-imatrix", "llama-perplexity")


def sdist() -> Path:
    """The source distribution, downloaded where it is not here yet."""
    path = TOOLS / f"llama_cpp_python-{VERSION}.tar.gz"
    if not path.exists():
        run(
            sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", "llama-cpp-python",
            "--dest", str(TOOLS), f"llama-cpp-python=={VERSION}",
        )  # fmt: skip
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SDIST_SHA256:
        path.unlink()
        sys.exit(f"{path.name} is not the pinned one: its SHA-256 is {found}")
    return path


def sources() -> Path:
    """llama.cpp's folder, unpacked."""
    folder = TOOLS / f"llama_cpp_python-{VERSION}"
    if not folder.exists():
        with tarfile.open(sdist()) as archive:
            archive.extractall(TOOLS, filter="data")
    return folder / "vendor" / "llama.cpp"


def run(*command: str) -> None:
    """Run at low priority, or end with what failed."""
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    low = ["nice", "-n", "19"] if shutil.which("nice") else []
    print("+", " ".join(command), flush=True)
    if subprocess.run([*low, *command], env=environment, check=False).returncode:
        sys.exit(f"{command[0]} failed; see above")


def main() -> None:
    """Build what is missing."""
    suffix = ".exe" if os.name == "nt" else ""
    if all((TOOLS / (target + suffix)).exists() for target in TARGETS):
        print("The reference programs are here:", TOOLS)
        return
    TOOLS.mkdir(parents=True, exist_ok=True)
    build = TOOLS / "build"
    ninja = ["-G", "Ninja"] if shutil.which("ninja") else []
    run("cmake", "-S", str(sources()), "-B", str(build), *ninja, *SPEED, *REFERENCE)
    run("cmake", "--build", str(build), "--config", "Release", "--parallel", "2", "--target", *TARGETS)
    for target in TARGETS:
        made = next(path for path in build.rglob(target + suffix) if path.is_file() and "CMakeFiles" not in path.parts)
        shutil.copy2(made, TOOLS)
    print("Built:", ", ".join(TARGETS), "in", TOOLS)


if __name__ == "__main__":
    main()
