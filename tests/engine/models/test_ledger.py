"""The network ledger: what it says is what passed on the wire, to the byte, and nothing is missing from it."""

import csv
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from engine import wire
from engine.engine import Engine
from engine.errors import Cancelled, EngineError, HubUnreachable, TextNotAccepted
from engine.ledger import Ledger
from engine.models import Models
from engine.network import Connection, Outcome
from engine.operation import Cancel, finish
from engine.places import Places
from engine.runtime.process import Process
from engine.store import Store
from tests.fakes.gguf_bytes import Row, model_bytes
from tests.fakes.hub import FakeHub
from tests.fakes.relay import Relay

ROOT = Path(__file__).resolve().parents[3]
REPOSITORY, FILE = "someone/Model-GGUF", "model-Q8_0.gguf"
SMALL = model_bytes()
LARGE = model_bytes(rows=[Row("token_embd.weight", (1024, 5 * 1024))])  # 20 MiB


@pytest.fixture
def ledger(store: Store) -> Ledger:
    """An empty ledger."""
    return Ledger(store.connections)


# A TLS server sends tickets for a later session right after its first words; where we have hung up by then,
# they are on the wire and are never read.
TICKETS_BYTES = 1024


def told(ledger: Ledger) -> list[tuple[int, int]]:
    """(sent, received) of each line in the order they began."""
    return [(line.sent_bytes, line.received_bytes) for line in reversed(ledger.all())]


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_the_ledger_says_what_the_wire_saw_to_the_byte(
    store: Store, places: Places, hub: FakeHub, ledger: Ledger, content: bytes
) -> None:
    hub.put(REPOSITORY, FILE, content)
    with Relay(hub.port) as relay:
        hub.through = relay.port
        finish(Models(store.models, ledger, places, endpoint=hub.endpoint).download(REPOSITORY, FILE, Cancel()))
        assert sorted(told(ledger)) == sorted(relay.counted())
    assert sum(received for _, received in told(ledger)) > len(content)
    for line in ledger.all():
        assert (line.process, line.why, line.what) == ("fetcher", "download", f"{REPOSITORY}/{FILE}")
        assert line.port == relay.port
        assert line.began_at < line.ended_at
        assert line.outcome is Outcome.CLOSED
    assert {line.host for line in ledger.all()} == {"127.0.0.1", "localhost"}


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that the processes we start trust."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(cert), "-days",
         "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def test_an_encrypted_connection_is_counted_as_the_wire_saw_it(
    store: Store, places: Places, ledger: Ledger, certificate: ssl.SSLContext
) -> None:
    with FakeHub(tls=certificate) as hub, Relay(hub.port) as relay:
        hub.put(REPOSITORY, FILE, LARGE)
        hub.through = relay.port
        models = Models(store.models, ledger, places, endpoint=hub.endpoint)
        model = finish(models.download(REPOSITORY, FILE, Cancel()))
        assert model.path.read_bytes() == LARGE
        for ours, wire in zip(sorted(told(ledger)), sorted(relay.counted()), strict=True):
            assert ours[0] == wire[0]
            assert wire[1] - TICKETS_BYTES <= ours[1] <= wire[1]


def test_a_certificate_that_is_not_trusted_ends_in_a_line_that_failed(
    store: Store, places: Places, ledger: Ledger, certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with FakeHub(tls=certificate) as hub, pytest.raises(HubUnreachable, match="certificate"):
        finish(Models(store.models, ledger, places, endpoint=hub.endpoint).download(REPOSITORY, FILE, Cancel()))
    lines = ledger.all()
    assert lines
    assert {line.outcome for line in lines} == {Outcome.FAILED}
    assert all(line.sent_bytes > 0 and line.received_bytes > 0 for line in lines)


def test_a_hub_that_is_not_there_leaves_a_line_for_every_try(store: Store, places: Places, ledger: Ledger) -> None:
    with FakeHub() as hub:
        endpoint = hub.endpoint
    with pytest.raises(HubUnreachable):
        finish(Models(store.models, ledger, places, endpoint=endpoint).download(REPOSITORY, FILE, Cancel()))
    assert [line.outcome for line in ledger.all()] == [Outcome.FAILED] * 3
    assert told(ledger) == [(0, 0)] * 3


def test_a_connection_that_breaks_off_is_a_line_beside_its_next_try(
    store: Store, places: Places, hub: FakeHub, ledger: Ledger
) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.cut_after = 9 << 20
    with Relay(hub.port) as relay:
        hub.through = relay.port
        finish(Models(store.models, ledger, places, endpoint=hub.endpoint).download(REPOSITORY, FILE, Cancel()))
        assert sorted(told(ledger)) == sorted(relay.counted())
    assert len(ledger.all()) > len({line.host for line in ledger.all()})


def test_a_stop_leaves_a_line_that_says_it_was_cut(hub: FakeHub, models: Models, ledger: Ledger) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.stall_after = 4 << 20
    cancel = Cancel()
    download = models.download(REPOSITORY, FILE, cancel)
    next(download)
    assert hub.stalled.wait(10)
    cancel.press()
    with pytest.raises(Cancelled):
        finish(download)
    cut = ledger.all()[0]
    assert cut.outcome is Outcome.CUT
    assert cut.ended_at


def test_what_was_open_when_the_program_ended_is_said_to_be_cut_at_the_next_start(places: Places, key: bytes) -> None:
    store = Store(places.store, key)
    store.connections.add(Connection(process="fetcher", host="hub", port=443, began_at="2026"))
    store.close()
    again = Store(places.store, key)
    assert [line.outcome for line in again.connections.all()] == [Outcome.CUT]
    again.close()


def test_a_refused_attempt_is_no_connection_but_is_in_the_ledger(ledger: Ledger) -> None:
    ledger.blocked("model", "192.0.2.1", 53)
    (line,) = ledger.all()
    assert (line.process, line.host, line.outcome) == ("model", "192.0.2.1", Outcome.BLOCKED)
    assert (ledger.totals().connections, ledger.totals().blocked) == (0, 1)


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_the_whole_ledger_is_written_to_a_file(ledger: Ledger, tmp_path: Path, ending: str) -> None:
    ledger.blocked("model", "192.0.2.1", 53)
    ledger.blocked("reader", "=cmd|' /C calc'!A0", 80)
    path = tmp_path / f"ledger.{ending}"
    assert ledger.export(path) == 2
    text = path.read_text(encoding="utf-8")
    lines = json.loads(text) if ending == "json" else list(csv.DictReader(text.splitlines()))
    assert [line["process"] for line in lines] == ["model", "reader"]
    if ending == "csv":
        assert lines[1]["host"].startswith("'=")


def test_another_kind_of_file_is_not_written(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(TextNotAccepted):
        ledger.export(tmp_path / "ledger.xlsx")
    with pytest.raises(EngineError):
        ledger.export(tmp_path / "nowhere" / "ledger.csv")
    assert list(tmp_path.glob("*.xlsx")) == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_ledger_names_every_connection_that_the_system_saw(hub: FakeHub, tmp_path: Path) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    trace, data = tmp_path / "trace", tmp_path / "data"
    command = [sys.executable, "-m", "engine.cli", "--data", str(data)]
    environment = {**os.environ, "HF_ENDPOINT": hub.endpoint}
    strace = ["strace", "-f", "-qq", "-e", "trace=connect", "-o", str(trace)]
    run = subprocess.run(
        [*strace, *command, "models", "get", REPOSITORY, FILE], cwd=ROOT, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if "ptrace" in run.stderr.lower():
        pytest.skip("this system lets no program watch another")
    assert run.returncode == 0, run.stderr
    lines = trace.read_text(encoding="utf-8").splitlines()
    tried = [line for line in lines if "EACCES" not in line]  # sealed processes try their walls, and are refused
    ports = [int(port) for line in tried for port in re.findall(r"connect\(.*htons\((\d+)\)", line)]
    told = json.loads(
        subprocess.run([*command, "ledger", "--json"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    )["connections"]
    assert ports
    assert sorted(ports) == sorted(line["port"] for line in told), lines


PAST = """
import socket
told = []
{start}
for way in (lambda: socket.create_connection(("127.0.0.1", 9)),
            lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))):
    try:
        way()
    except PermissionError:
        continue
    raise SystemExit("it got out")
assert [(line.host, line.port, line.outcome) for line in told] == [("127.0.0.1", 9, "blocked")] * 2, told
"""
GUARDS = {
    "fetcher": "from engine.worker.fetcher.connections import Watch\nwatch = Watch()\nwatch.tell = told.append\n"
    "watch.guard()",
    "others": "from engine.worker.guard import guard\nguard(told.append)",
}


@pytest.mark.parametrize("process", GUARDS)
def test_code_that_connects_past_the_ledger_is_refused_and_told(process: str) -> None:
    program = PAST.format(start=GUARDS[process])
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_an_attempt_of_a_process_that_has_no_network_is_in_the_ledger(engine: Engine, tmp_path: Path) -> None:
    with Process("model", "tests.fakes.leaking_worker", private=engine.places.private) as process:
        process.await_greeting(Cancel())
        for report in process.ask(wire.Embed(texts=("192.0.2.1", "evil.example")), Cancel()):
            assert isinstance(report, wire.Embedded)
    lines = engine.ledger.all()
    assert [(line.process, line.host, line.outcome) for line in lines] == [
        ("model", "evil.example", Outcome.BLOCKED), ("model", "192.0.2.1", Outcome.BLOCKED),
    ]  # fmt: skip
    assert engine.ledger.totals().blocked == 2
