"""`hanare verify-offline` for real: the whole session, the kernel's counters, and leaks they have to see."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import WitnessNotPossible
from engine.privacy import witness

ROOT = Path(__file__).resolve().parents[2]


def apart(program: str) -> str:
    """Why a namespace of its own was refused to a process here, "" where `program` ran in one and was content."""
    script = f"import sys; from engine.privacy import witness\ntry: witness.step_aside()\n" \
             f"except Exception as error: print(error); sys.exit(3)\n{program}"  # fmt: skip
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode == 3:
        return run.stdout.strip() or "refused"
    assert run.returncode == 0, run.stderr
    return ""


@pytest.fixture(scope="module")
def namespaces() -> None:
    """Skips, with the system's reason, where no process is given a network of its own."""
    if reason := apart("pass"):
        pytest.skip(reason)


def verify(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command, as a person runs it."""
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", "verify-offline", *words], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "TMPDIR": str(folder)}, check=False,
    )  # fmt: skip


@pytest.mark.usefixtures("namespaces")
def test_nothing_is_sent_while_hanare_is_used_and_every_planted_leak_is_counted(tmp_path: Path) -> None:
    run = verify("--actions", "12", "--json", folder=tmp_path)
    assert run.returncode == 0, run.stderr
    proof = json.loads(run.stdout)
    assert proof["offline"]
    assert proof["witness_sees_leaks"]
    assert set(proof["counters_after"].values()) == {0}
    done = {action["action"] for action in proof["actions"]}
    assert {"add the sample documents", "search", "ask for quotes", "chat", "compare two models"} <= done
    assert set(proof["planted_leaks"]) == set(witness.LEAKS)
    assert list(tmp_path.glob("hanare-offline-*")) == []


@pytest.mark.usefixtures("namespaces")
@pytest.mark.parametrize("name", witness.LEAKS)
def test_each_leak_raises_a_counter_by_itself(name: str) -> None:
    program = (
        f"from engine.cli import offline_session as session\n"
        f"raised = session.planted(witness.LEAKS[{name!r}])\nassert raised, 'blind'\n"
        f"assert session.planted('pass') == {{}}, 'sees what is not there'"
    )
    assert apart(program) == ""


@pytest.mark.skipif(not hasattr(os, "geteuid") or not Path("/proc/self/uid_map").exists(), reason="Linux")
def test_a_process_with_threads_is_refused_with_the_reason(namespaces: None) -> None:
    program = "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    script = f"{program}from engine.privacy import witness\nwitness.step_aside()"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert WitnessNotPossible.__name__ in run.stderr


def test_where_it_cannot_be_proven_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(witness.sys, "platform", "darwin")
    with pytest.raises(WitnessNotPossible, match="only Linux"):
        witness.step_aside()


def test_a_session_that_was_not_quiet_or_a_blind_witness_is_no_proof() -> None:
    from engine.cli.verify_offline import Proof

    nothing = dict.fromkeys(witness.COUNTERS, 0)
    seen = {name: {"IpOutRequests": 1} for name in witness.LEAKS}
    good = Proof(before=nothing, after=nothing, leaks=seen)
    assert good.quiet
    assert good.sighted
    assert not Proof(before=nothing, after=nothing | {"UdpOutDatagrams": 1}, leaks=seen).quiet
    assert not Proof(before=nothing, after={}, leaks=seen).quiet
    assert not Proof(before=nothing, after=nothing, leaks={**seen, "udp": {}}).sighted
    assert not Proof(before=nothing, after=nothing).sighted
