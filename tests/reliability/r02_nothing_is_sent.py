"""Nothing is sent while Hanare is used: the kernel's counters stay at zero, and see every planted leak.

Runs `hanare verify-offline` for real. A failure is an action after which a counter of a private network
namespace has moved, or a planted leak that moved none.
"""

import json
import subprocess
import sys

from tests.reliability.row import Outcome, Size, Tally

ACTIONS = {Size.CHANGE: 20, Size.NIGHT: 200}


def run(size: Size) -> Outcome:
    """One try for each action and each leak; `worst` is the most that an action sent."""
    tally = Tally("packets")
    command = [sys.executable, "-m", "engine.cli", "verify-offline", "--json", "--actions", str(ACTIONS[size])]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if not ran.stdout:
        tally.failed(ran.stderr.strip()[-300:])
        return tally.outcome
    proof = json.loads(ran.stdout)
    for action in proof["actions"]:
        sent = sum(action["raised"].values())
        tally.saw(sent)
        tally.check(not sent, f"{action['action']}: {action['raised']}")
    for leak, raised in proof["planted_leaks"].items():
        tally.check(bool(raised), f"a planted leak went unseen: {leak}")
    tally.check(len(proof["actions"]) == ACTIONS[size] + 1, f"only {len(proof['actions'])} actions were done")
    tally.check(proof["offline"] and proof["witness_sees_leaks"], "the command itself says that it failed")
    return tally.outcome
