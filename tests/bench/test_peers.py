"""What the other libraries are measured with says why it has nothing, and lets nothing be fetched."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench import peers


def test_a_library_that_is_not_installed_is_said_to_be_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PYTHON", tmp_path / "python")
    assert peers.rankings("txtai", ["text"], ["question?"], 10) == "is not installed; run `make bench-tools`"


def test_a_library_that_fails_is_told_with_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PYTHON", Path(sys.executable))
    assert peers.rankings("nobody", ["text"], ["question?"], 10) == "failed: KeyError: 'nobody'"


def test_nothing_is_connected_to_while_a_library_ranks() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = (
            "import socket, sys; from bench.peers import rank; sys.addaudithook(rank._refuse);"
            f"socket.create_connection(('127.0.0.1', {port}))"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "PermissionError: nothing may be connected to" in run.stderr
