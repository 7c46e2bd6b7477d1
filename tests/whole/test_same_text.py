"""At temperature 0 the model process writes what a bare loop over llama.cpp writes: nothing of ours changes a word."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine import wire
from engine.operation import Cancel
from engine.runtime.process import Process
from tests.fakes.tiny_gguf import write

PROMPTS = (
    "Once upon a time",
    "A letter to the sea, in ink. ",
    "離れは母屋から離れた部屋です。",
    " two  spaces\n\tand <|im_start|> as text",
)
TOKENS = 48
# The shortest program that writes greedily: tokenize, decode, take the likeliest, decode that.
BARE = """
import codecs, ctypes, sys
import llama_cpp as lib, numpy as np
lib.llama_backend_init()
model = lib.llama_model_load_from_file(sys.argv[1].encode(), lib.llama_model_default_params())
vocab = lib.llama_model_get_vocab(model)
params = lib.llama_context_default_params()
params.n_ctx, params.n_threads, params.n_threads_batch = 1024, 1, 1
context = lib.llama_init_from_model(model, params)
prompt = sys.argv[2].encode()
room = (lib.llama_token * 1024)()
found = lib.llama_tokenize(vocab, prompt, len(prompt), room, 1024, True, False)
tokens, written = list(room[:found]), b""
for _ in range(int(sys.argv[3])):
    batch = (lib.llama_token * len(tokens))(*tokens)
    assert lib.llama_decode(context, lib.llama_batch_get_one(batch, len(tokens))) == 0
    size = lib.llama_vocab_n_tokens(vocab)
    tokens = [int(np.ctypeslib.as_array(lib.llama_get_logits_ith(context, -1), shape=(size,)).argmax())]
    piece = ctypes.create_string_buffer(64)
    length = lib.llama_token_to_piece(vocab, tokens[0], piece, 64, 0, False)
    written += piece.raw[:length]
# half a character at the very end is none
sys.stdout.buffer.write(codecs.getincrementaldecoder("utf-8")("replace").decode(written).encode())
"""


@pytest.fixture(scope="module", params=["llama", "cohere2", "mamba"])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    kind: str = request.param
    return write(tmp_path_factory.mktemp("model") / f"{kind}.gguf", architecture=kind)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_greedy_text_is_that_of_a_bare_loop_over_llama_cpp(path: Path, tmp_path: Path, prompt: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", BARE, str(path), prompt, str(TOKENS)], check=True, capture_output=True, timeout=120
    )
    with Process("model", "engine.worker.model", private=tmp_path) as process:
        cancel = Cancel()
        list(process.ask(wire.Load(path=str(path), context_tokens=1024, threads=1), cancel, silent_s=120))
        asked = wire.Generate(prompt=prompt, max_tokens=TOKENS, temperature=0.0, ignore_end=True)
        reports = list(process.ask(asked, cancel, silent_s=120))
    text = "".join(report.text for report in reports if isinstance(report, wire.Token))
    assert text
    assert text == run.stdout.decode()
