"""A model process that writes prepared answers at a reading pace, for pictures of the window.

It speaks the real wire. The answer is chosen by the last turn's language; a model whose file's
name has "360M" answers at more length.
"""

import os
import threading
import time

from engine import wire
from engine.worker.desk import Desk

ENGLISH = """Quantization stores each weight with fewer bits. The model becomes **smaller and faster**, \
and loses a little precision:

| Format | Bits per weight | Size of a 1B model |
|---|---|---|
| F16 | 16 | 2.0 GB |
| Q8_0 | 8.5 | 1.1 GB |
| Q4_K_M | 4.8 | 0.7 GB |

The memory it needs is roughly the weights plus the context:

```python
def need_bytes(parameters: int, bits_per_weight: float, context_tokens: int) -> int:
    weights = parameters * bits_per_weight / 8
    return int(weights + context_tokens * KV_BYTES_PER_TOKEN)
```

Start with `Q4_K_M`; go up to `Q8_0` only when you see it make mistakes."""
SHORT = """Quantization stores each weight with fewer bits, so the model takes **less memory** and \
runs faster. `Q4_K_M` is a good first choice for most laptops."""
JAPANESE = """量子化とは、重みを少ないビット数で表すことです。モデルは**小さく、速く**なりますが、精度は少し下がります。

| 形式 | 重み一つのビット数 | 1B モデルの大きさ |
|---|---|---|
| F16 | 16 | 2.0 GB |
| Q8_0 | 8.5 | 1.1 GB |
| Q4_K_M | 4.8 | 0.7 GB |

必要なメモリは、おおよそ重みとコンテキストの合計です。

```python
def need_bytes(parameters: int, bits_per_weight: float, context_tokens: int) -> int:
    weights = parameters * bits_per_weight / 8
    return int(weights + context_tokens * KV_BYTES_PER_TOKEN)
```

まず `Q4_K_M` を試し、誤りが目立つときだけ `Q8_0` に上げるとよいでしょう。"""
JAPANESE_SHORT = """量子化とは、重みを少ないビット数で表し、**メモリを節約**する方法です。\
多くのノートパソコンでは `Q4_K_M` から始めるのがよいでしょう。"""
PIECE_CHARACTERS = 4
PIECE_S = {"small": 0.004, "large": 0.009}


class PreparedModel:
    """Answers with one of the texts above."""

    def __init__(self) -> None:
        self.desk = Desk("model")
        self.size = "small"

    def load(self, request: wire.Load) -> None:
        """Remember which of the two it is."""
        self.size = "large" if "360M" in os.path.basename(request.path) else "small"
        self.desk.report(wire.Loaded(job=request.job, context_tokens=request.context_tokens, threads=2, seconds=0.1))

    def generate(self, request: wire.Generate) -> None:
        """Write the text piece by piece."""
        started = time.perf_counter()
        asked = request.messages[-1]["content"]
        long = self.size == "large"
        long_text, short_text = (ENGLISH, SHORT) if asked.isascii() else (JAPANESE, JAPANESE_SHORT)
        text = long_text if long else short_text
        prompt_tokens = sum(len(turn["content"]) for turn in request.messages) // 4
        self.desk.report(wire.Reading(job=request.job, done=prompt_tokens, total=prompt_tokens))
        first_token_s = time.perf_counter() - started + 40 * PIECE_S[self.size]
        pace = threading.Event()
        pieces = [text[at : at + PIECE_CHARACTERS] for at in range(0, len(text), PIECE_CHARACTERS)]
        for piece in pieces:
            pace.wait(PIECE_S[self.size])
            self.desk.report(wire.Token(job=request.job, text=piece))
        total_s = time.perf_counter() - started
        self.desk.report(
            wire.Done(
                job=request.job, end="end", prompt_tokens=prompt_tokens, tokens=len(pieces),
                first_token_s=first_token_s, tokens_per_s=len(pieces) / total_s, reading_tokens_per_s=310.0,
                total_s=total_s, peak_bytes=(640 if long else 210) << 20, threads=2,
            )
        )  # fmt: skip


def main() -> None:
    """Serve until the pipe closes."""
    prepared = PreparedModel()
    prepared.desk.serve({wire.Load: prepared.load, wire.Generate: prepared.generate}, at_once={})


if __name__ == "__main__":
    main()
