"""The real model process: what is laid out anew when it is loaded is resident once."""

import re
import sys
from pathlib import Path

import llama_cpp as lib
import pytest

from engine import wire
from engine.operation import Cancel
from engine.runtime.process import Process
from engine.worker.testmodels.making import Shape, write

SHAPE = Shape(file="larger.gguf", name="larger", seed=3, embedding=512, layers=8, feed_forward=1536, end=2.4)


def quantized(folder: Path) -> Path:
    """A model in Q4_0, which the processor wants in another order."""
    write(SHAPE, folder / SHAPE.file)
    params = lib.llama_model_quantize_default_params()
    params.ftype, params.nthread = lib.LLAMA_FTYPE_MOSTLY_Q4_0, 1
    path = folder / "small.gguf"
    assert lib.llama_model_quantize(str(folder / SHAPE.file).encode(), str(path).encode(), params) == 0
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells which pages are resident")
def test_weights_in_another_order_are_resident_once(tmp_path: Path) -> None:
    path = quantized(tmp_path)
    with Process("model", "engine.worker.model", private=tmp_path / "private") as process:
        *_, loaded = process.ask(wire.Load(path=str(path), context_tokens=512, threads=1), Cancel())
        assert isinstance(loaded, wire.Loaded)
        *_, done = process.ask(wire.Generate(prompt="a", max_tokens=4), Cancel())
        assert isinstance(done, wire.Done)
        smaps = Path(f"/proc/{process.pid}/smaps").read_text()
    mapped = smaps[smaps.index(str(path)) :]
    resident = re.search(r"^Rss:\s+(\d+)", mapped, re.MULTILINE)
    assert resident
    assert int(resident[1]) * 1024 < path.stat().st_size / 2
