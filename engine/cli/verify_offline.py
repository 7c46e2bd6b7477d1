"""`hanare verify-offline`: a proof, by the kernel's own counters, that nothing is sent while Hanare is used."""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.cli.arguments import at_least_one
from engine.cli.printing import Screen
from engine.cli.wording import count
from engine.errors import WorkerDied, rebuilt
from engine.privacy.witness import COUNTERS, LEAKS

ACTIONS = 20
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Proof:
    """What the session's process told, step by step."""

    actions: list[dict[str, Any]] = field(default_factory=list)
    leaks: dict[str, dict[str, int]] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)

    @property
    def quiet(self) -> bool:
        """Whether no counter moved while Hanare was used, from zero to zero."""
        return bool(self.after) and not any(self.after.values()) and not any(self.before.values())

    @property
    def sighted(self) -> bool:
        """Whether the counters saw every planted leak."""
        return set(self.leaks) == set(LEAKS) and all(self.leaks.values())


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    verify = commands.add_parser(
        "verify-offline", parents=[shared], help="prove that nothing is sent while Hanare is used (Linux)"
    )
    verify.add_argument("--actions", type=at_least_one, default=ACTIONS, metavar="N", help="how many things to do")
    verify.set_defaults(run=run_verify_offline)


def run_verify_offline(arguments: argparse.Namespace, screen: Screen) -> int:
    """Play the session, print what the kernel counted; 1 unless nothing was sent and every planted leak was seen."""
    screen.say(
        "A session of its own, on a throw-away folder, in a network of its own. The kernel counts what it tries."
    )
    proof = Proof()
    with _folder() as folder:
        for told in _played(folder, arguments.actions):
            _note(proof, told, screen)
    _print(proof, screen)
    well = proof.quiet and proof.sighted
    screen.document(
        {
            "offline": proof.quiet, "witness_sees_leaks": proof.sighted, "actions": proof.actions,
            "counters_before": proof.before, "counters_after": proof.after, "planted_leaks": proof.leaks,
        }
    )  # fmt: skip
    return 0 if well else 1


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hanare-offline-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _played(folder: Path, actions: int) -> Iterator[dict[str, Any]]:
    """What the session's process tells. Raises the error it ended with, `WorkerDied` if it just ended."""
    environment = {**os.environ, "HANARE_KEYCHAIN": "off", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-P", "-m", "engine.cli.offline_session", str(folder), str(actions)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=folder, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            told = json.loads(line)
            if "failed" in told:
                raise rebuilt(told["failed"], told["facts"])
            yield told
    if process.returncode != 0:
        raise WorkerDied(process="session", how=f"exit code {process.returncode}")


def _note(proof: Proof, told: dict[str, Any], screen: Screen) -> None:
    proof.before = told.get("before", proof.before)
    proof.after = told.get("after", proof.after)
    if "action" in told:
        proof.actions.append(told)
        screen.progress(f"{len(proof.actions)}. {told['action']} …")
    if "leak" in told:
        proof.leaks[told["leak"]] = told["raised"]


def _print(proof: Proof, screen: Screen) -> None:
    done = Counter(told["action"] for told in proof.actions)
    screen.say("Done: " + ", ".join(f"{name} ({times}×)" if times > 1 else name for name, times in done.items()) + ".")
    screen.say()
    screen.heading(f"{'What the kernel counted':<26}{'before':>8}{'after':>8}{'leak planted':>15}")
    seen: Counter[str] = Counter()
    for rises in proof.leaks.values():
        seen.update(rises)
    for name in COUNTERS:
        screen.say(f"{name:<26}{proof.before.get(name, 0):>8}{proof.after.get(name, 0):>8}{seen[name]:>15}")
    screen.say()
    for told in proof.actions:
        if told["raised"]:
            screen.say(f"NOT OFFLINE  {told['action']}: {told['raised']}")
    for name in LEAKS:
        if not proof.leaks.get(name):
            screen.say(f"BLIND        the counters did not see the planted leak: {name}")
    if proof.quiet and proof.sighted:
        screen.say(f"Nothing was sent in {count(len(proof.actions), 'action')}; each planted leak was counted.")
