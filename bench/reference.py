"""What ours is measured against: the same model files, and llama.cpp's own programs, built from the same sources.

`make bench-tools` builds the programs. The models have real shapes and vocabularies and random weights, so their text
is noise and their cost is that of the real thing.
"""

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared"
TOOLS = HERE / "tools"
VOCABULARIES = {"smollm2-135m": "gpt-2", "qwen2.5-0.5b": "qwen2"}
READY_S = 60.0
QUANTIZE = """
import sys, llama_cpp as l
p = l.llama_model_quantize_default_params(); p.ftype = l.LLAMA_FTYPE_MOSTLY_Q4_K_M; p.nthread = 2
sys.exit(l.llama_model_quantize(sys.argv[1].encode(), sys.argv[2].encode(), p))
"""


def model_file(shape: str = "smollm2-135m") -> Path:
    """A model of that shape with random weights, as Q4_K_M; made once."""
    path = TOOLS / f"{shape}-shape-q4_k_m.gguf"
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
            full, small = Path(folder, "full.gguf"), Path(folder, "small.gguf")
            vocab = str(SHARED / f"data/vocab/ggml-vocab-{VOCABULARIES[shape]}.gguf")
            make = [str(SHARED / "tools/make_model.py"), "--shape", shape, "--vocab", vocab, str(full)]
            for command in (make, ["-c", QUANTIZE, str(full), str(small)]):
                subprocess.run([sys.executable, *command], check=True, capture_output=True)
            small.rename(path)
    return path


def whole_model_file(shape: str = "smollm2-135m") -> Path:
    """A model of that shape with random weights in F16, as models are published; made once."""
    path = TOOLS / f"{shape}-shape-f16.gguf"
    if not path.exists():
        part = path.with_suffix(".part")
        vocab = str(SHARED / f"data/vocab/ggml-vocab-{VOCABULARIES[shape]}.gguf")
        make = [str(SHARED / "tools/make_model.py"), "--shape", shape, "--vocab", vocab, str(part)]
        subprocess.run([sys.executable, *make], check=True, capture_output=True)
        part.rename(path)
    return path


def missing(*programs: str) -> str:
    """Why there is nothing to compare with; "" where all is here."""
    absent = [program for program in programs if not (TOOLS / program).exists()]
    if absent:
        return f"{' and '.join(absent)} is not built; run `make bench-tools`"
    if not SHARED.exists():
        return "the script and the vocabulary that make its models are not beside the repository"
    return ""


def llama_bench(path: Path, threads: int, *, prompt: int = 0, answer: int = 0, depth: int = 0) -> float:
    """Tokens a second, reading `prompt` or writing `answer` tokens after `depth` others; it warms up by itself.

    `threads` 0 leaves the number to it.
    """
    options: dict[str, Any] = {"-m": path, "-p": prompt, "-n": answer, "-d": depth, "-r": 1, "-o": "json"}
    if threads:
        options["-t"] = threads
    command = [str(TOOLS / "llama-bench"), *(str(part) for pair in options.items() for part in pair)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(run.stdout)[0]["avg_ts"])


class Asked(NamedTuple):
    """What llama-server tells of one answer."""

    text: str
    tokens: int
    prompt_tokens: int  # those that were really read
    reading_s: float
    writing_s: float


class Server:
    """llama-server with one model, on this computer only."""

    def __init__(self, path: Path, threads: int, *, context_tokens: int, slots: int = 1) -> None:
        """Ready when this returns; `start_s` is how long that took."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [
                str(TOOLS / "llama-server"), "-m", str(path), "-t", str(threads), "-c", str(context_tokens), "-np",
                str(slots), "--host", "127.0.0.1", "--port", str(self._port), "--kv-unified",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while time.perf_counter() - began < READY_S:
            with contextlib.suppress(OSError):
                if self._call("GET", "/health")[0] == 200:
                    break
            if self.process.poll() is not None:
                raise RuntimeError(f"llama-server ended with {self.process.returncode}")
            time.sleep(0.01)
        else:
            self.close()
            raise RuntimeError("llama-server did not become ready")
        self.start_s = time.perf_counter() - began

    def ask(self, prompt: str, tokens: int, *, temperature: float = 0.7) -> Asked:
        """Go on from `prompt` for `tokens` tokens."""
        asked = {"prompt": prompt, "n_predict": tokens, "ignore_eos": True, "temperature": temperature}
        status, answer = self._call("POST", "/completion", asked)
        if status != 200:
            raise RuntimeError(f"llama-server answered {status}: {answer}")
        timings = answer["timings"]
        return Asked(
            answer["content"], answer["tokens_predicted"], timings["prompt_n"], timings["prompt_ms"] / 1000,
            timings["predicted_ms"] / 1000,
        )  # fmt: skip

    def ask_all(self, prompts: list[str], tokens: int) -> float:
        """Go on from all of them at once; the tokens of all, per second of the whole."""
        began = time.perf_counter()
        with ThreadPoolExecutor(len(prompts)) as pool:
            written = sum(asked.tokens for asked in pool.map(lambda prompt: self.ask(prompt, tokens), prompts))
        return written / (time.perf_counter() - began)

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()

    def _call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


@contextlib.contextmanager
def server(path: Path, threads: int, *, context_tokens: int, slots: int = 1) -> Iterator[Server]:
    """A `Server` that is ended in any case."""
    running = Server(path, threads, context_tokens=context_tokens, slots=slots)
    try:
        yield running
    finally:
        running.close()
