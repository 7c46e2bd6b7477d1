"""Installs the other libraries; a second run returns at once where nothing has changed."""

import site
import subprocess
import sys
import venv

from bench.peers import ENVIRONMENT, HERE, PYTHON

PINNED = HERE / "requirements.txt"
DONE = ENVIRONMENT / "installed.txt"


def main() -> None:
    """Make the environment, or leave it as it is."""
    if DONE.exists() and DONE.read_bytes() == PINNED.read_bytes():
        print("The other libraries are here:", ENVIRONMENT)
        return
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    ours = site.getsitepackages()[0]
    where = [str(PYTHON), "-c", "import site; print(site.getsitepackages()[0])"]
    theirs = subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    with open(f"{theirs}/program.pth", "w", encoding="utf-8") as file:
        file.write(f"{ours}\n")
    if subprocess.run([str(PYTHON), "-m", "pip", "install", "-r", str(PINNED)], check=False).returncode:
        sys.exit("The other libraries could not be installed; see above")
    DONE.write_bytes(PINNED.read_bytes())


if __name__ == "__main__":
    main()
