"""How fast a model is fetched, beside huggingface_hub's own download of the same file from the same server.

The server is a process of its own on this computer that speaks the hub's HTTP, answers after `LATENCY_S`, and lets
one connection bring so many bytes a second; a second pair has no such limit. Ours is all of it: the fetcher's start,
the hash, the check of the model and the store. Theirs is the call alone, in a process that has imported it already.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import Row, against, publish
from engine.engine import Cancel, Engine, Places, finish
from tests.fakes.gguf_bytes import Row as Tensor
from tests.fakes.gguf_bytes import model_bytes, weighed
from tests.fakes.hub import FakeHub

LATENCY_S, PER_S = 0.05, 10e6
REPOSITORY, FILE = "someone/Model-GGUF", "model.gguf"
MIB = 128
BAR = 1.0
THEIRS = """
import json, sys, time
from huggingface_hub import hf_hub_download
began = time.perf_counter()
path = hf_hub_download(sys.argv[1], sys.argv[2], cache_dir=sys.argv[3])
print(json.dumps(time.perf_counter() - began))
"""
QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "DO_NOT_TRACK": "1",
}  # fmt: skip


def serve(per_s: float) -> None:
    """Be the server until the input closes."""
    with FakeHub(latency_s=LATENCY_S, per_s=per_s) as hub:
        hub.put(REPOSITORY, FILE, weighed(model_bytes(rows=[Tensor("token_embd.weight", (1024, 256 * MIB))])))
        print(hub.endpoint, flush=True)
        sys.stdin.read()


@contextmanager
def server(per_s: float) -> Iterator[str]:
    """The address of one that runs meanwhile."""
    command = [sys.executable, "-m", "bench.download", "--serve", str(per_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate()


def ours(endpoint: str) -> float:
    """Seconds from the wish to a model that can be loaded."""
    os.environ["HF_ENDPOINT"] = endpoint
    with tempfile.TemporaryDirectory() as folder, Engine.open(Places(Path(folder) / "data")) as engine:
        began = time.perf_counter()
        finish(engine.models.download(REPOSITORY, FILE, Cancel()))
        return time.perf_counter() - began


def theirs(endpoint: str) -> float:
    """Seconds of huggingface_hub's call."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", THEIRS, REPOSITORY, FILE, folder]
        environment = {**os.environ, **QUIET, "HF_ENDPOINT": endpoint, "HF_HOME": folder}
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return float(json.loads(run.stdout))


def measured(endpoint: str, rounds: int) -> tuple[float, float, float]:
    """MiB a second of both, and the median of the ratios of turns next to each other."""
    pairs = [(MIB / ours(endpoint), MIB / theirs(endpoint)) for _ in range(rounds)]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    return mine, other, statistics.median(one / two for one, two in pairs)


def main() -> int:
    """Run the comparison; 1 where the bar does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", type=float, metavar="BYTES_A_SECOND", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve is not None:
        serve(asked.serve)
        return 0
    with server(PER_S) as endpoint:
        mine, other, ratio = measured(endpoint, asked.rounds)
    limited = f"{MIB} MiB, {LATENCY_S * 1000:.0f} ms, {PER_S / 1e6:.0f} MB/s a connection"
    rows = [against(limited, mine, other, "MiB/s", at_least=BAR, ratio=ratio)]
    with server(0) as endpoint:
        mine, other, ratio = measured(endpoint, asked.rounds)
    free = f"{MIB} MiB, {LATENCY_S * 1000:.0f} ms, connections without a limit"
    rows.append(Row(measure=free, ours=mine, unit="MiB/s", reference=other, ratio=ratio))
    return publish("download", rows, f"Medians of {asked.rounds} turns each, one after the other.")


if __name__ == "__main__":
    sys.exit(main())
