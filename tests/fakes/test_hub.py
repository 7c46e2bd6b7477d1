"""The hub of the tests: what it says on the terminal, and what it keeps to itself."""

import socket
import struct
import threading

import pytest

from tests.fakes.hub import FakeHub

REPOSITORY, FILE = "someone/Model-GGUF", "model.gguf"
CONTENT = bytes(20 << 20)  # more than any system keeps for a client that does not read


def asked(hub: FakeHub, path: str) -> socket.socket:
    """A client that has asked and read nothing yet."""
    client = socket.create_connection(("127.0.0.1", hub.port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return client


def leave(client: socket.socket) -> None:
    """Go as a killed process does whose system sends a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def test_a_client_that_left_in_mid_answer_or_between_two_is_nothing_to_speak_of(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with FakeHub() as hub:
        hub.put(REPOSITORY, FILE, CONTENT)
        in_answer = asked(hub, f"/storage/{REPOSITORY}/{FILE}")
        in_answer.recv(1000)
        leave(in_answer)
        between = asked(hub, "/nothing")
        between.recv(1000)
        leave(between)
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:
                thread.join()
    assert capfd.readouterr() == ("", "")


def test_a_mistake_of_its_own_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with FakeHub() as hub:
        client = asked(hub, "/storage/of-nobody")
        assert client.recv(1000) == b""
        client.close()
    assert "KeyError: 'of-nobody'" in capfd.readouterr().err
