"""Every hostile chat template is answered within three seconds, by its own text or by a named built-in one.

Each is tried in a process of its own, as the model process does it: compiled, tried, and asked for a prompt of
five turns. A failure is a dead process, a prompt that lacks a turn, no name, more than `MOST_S`, or a file that
the template made.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.reliability.hostile_templates import EXAMPLES, TEMPLATES
from tests.reliability.row import Outcome, Size, Tally

MOST_S = 3.0
LONGEST_S = 20.0  # after which it is not waited for
TURNS = [
    {"role": role, "content": text}
    for role, text in zip(("user", "assistant") * 3, ("one", "two", "three", "four", "five"), strict=False)
]


def run(size: Size) -> Outcome:
    """The chosen templates, one after another."""
    tally = Tally(unit="s")
    with tempfile.TemporaryDirectory() as folder:
        for name in EXAMPLES if size is Size.CHANGE else TEMPLATES:
            seconds, said = answered(name, Path(folder))
            tally.saw(seconds)
            tally.check(seconds <= MOST_S and said == "", f"{name}: {seconds:.1f} s {said}")
        tally.check(not list(Path(folder).iterdir()), "a template made a file")
    return tally.outcome


def answered(name: str, folder: Path) -> tuple[float, str]:
    """How long the slower of both steps took, and what was wrong with the prompt."""
    command = [sys.executable, "-P", "-m", "tests.reliability.r06_templates", name]
    root = Path(__file__).resolve().parents[2]
    environment = {"PYTHONPATH": str(root)}
    try:
        run = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired:
        return LONGEST_S, "there was no end to it"
    if run.returncode != 0:
        return 0.0, f"the process ended with status {run.returncode}: {run.stderr[-200:]}"
    told = json.loads(run.stdout)
    return max(told["trial_s"], told["prompt_s"]), told["wrong"]


def main() -> None:
    """In a template's own process."""
    from engine.worker.model.template import ChatTemplate  # the worker's code, imported in a process like its own

    began = time.monotonic()
    template = ChatTemplate(TEMPLATES[sys.argv[1]])
    tried = time.monotonic()
    parts, name = template.render(TURNS)
    ended = time.monotonic()
    lacking = {turn["content"] for turn in TURNS} - {text for text, ours in parts if not ours}
    wrong = f"lacks {lacking}" if lacking else "" if name in ("model", "plain", "chatml") else f"named {name!r}"
    print(json.dumps({"trial_s": tried - began, "prompt_s": ended - tried, "wrong": wrong}))


if __name__ == "__main__":
    main()
