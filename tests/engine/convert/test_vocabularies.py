"""Text becomes the same tokens in a converted model, string by string, and a model where it would not is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import pytest
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from engine.engine import Cancel, Engine, finish
from engine.errors import CheckpointNotUsable, TokenizerDiffers
from engine.worker.converter import speech
from engine.worker.converter.cuts import PATTERNS
from engine.worker.converter.samples import SCRIPTS, texts
from engine.worker.converter.sentences import SENTENCES
from engine.worker.converter.sources import Sources
from engine.worker.converter.verifying import verify
from engine.worker.converter.vocabulary import CONTROL, USER_DEFINED, words_of
from tests.fakes.checkpoints import byte_level, checkpoint, sentence_piece

ARTICLE = "\u2581"


def test_there_are_more_than_five_hundred_texts_in_more_than_ten_languages() -> None:
    assert len(set(texts())) > 500
    assert len(SENTENCES) > 10
    assert len(SCRIPTS) > 10
    assert texts() == texts()


def by_bytes(tokens: list[str], kinds: list[int], merges: list[str], cut: str) -> Tokenizer:
    """A published vocabulary over bytes, as its tokenizer.json has it."""
    patterns = {name: pattern for pattern, name in PATTERNS.items()}
    pairs = [tuple(merge.split(" ")) for merge in merges]
    vocabulary = {text: number for number, text in enumerate(tokens)}
    made = Tokenizer(models.BPE(vocabulary, pairs, ignore_merges=cut == "llama-bpe"))  # type: ignore[arg-type]
    if cut == "gpt-2":
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        split = pre_tokenizers.Split(Regex(patterns[cut]), "isolated")
        made.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(False, use_regex=False)])
    made.decoder = decoders.ByteLevel()
    return with_signs(made, tokens, kinds)


def by_scores(tokens: list[str], kinds: list[int], scores: list[float]) -> Tokenizer:
    """A published vocabulary of SentencePiece, as its tokenizer.json has it: what can be joined, the best first."""
    ids = {text: number for number, text in enumerate(tokens)}
    best = sorted((text for text in ids if kinds[ids[text]] == 1), key=lambda text: -scores[ids[text]])
    pairs = [
        (text[:place], text[place:])
        for text in best for place in range(1, len(text)) if text[:place] in ids and text[place:] in ids
    ]  # fmt: skip
    made = Tokenizer(models.BPE(ids, pairs, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    made.normalizer = normalizers.Sequence([normalizers.Prepend(ARTICLE), normalizers.Replace(" ", ARTICLE)])
    return with_signs(made, tokens, kinds)


def with_signs(made: Tokenizer, tokens: list[str], kinds: list[int]) -> Tokenizer:
    """With the tokens that are looked for before text is cut."""
    made.add_special_tokens(
        [AddedToken(text, normalized=False) for text, kind in zip(tokens, kinds, strict=True) if kind in (2, CONTROL)]
    )
    made.add_tokens(
        [AddedToken(text, normalized=False) for text, kind in zip(tokens, kinds, strict=True) if kind == USER_DEFINED]
    )
    return made


@pytest.mark.parametrize(
    ("file", "cut"), [("llama-bpe", "llama-bpe"), ("qwen2", "qwen2"), ("gpt-2", "gpt-2"), ("llama-spm", "default")]
)
def test_a_published_vocabulary_reads_every_text_alike(shared: Path, tmp_path: Path, file: str, cut: str) -> None:
    fields = gguf.GGUFReader(shared / "data" / "vocab" / f"ggml-vocab-{file}.gguf").fields
    tokens: Any = fields["tokenizer.ggml.tokens"].contents()
    kinds: Any = fields["tokenizer.ggml.token_type"].contents()
    if cut == "default":
        scores: Any = fields["tokenizer.ggml.scores"].contents()
        tokenizer = by_scores(tokens, kinds, scores)
    else:
        merges: Any = fields["tokenizer.ggml.merges"].contents()
        tokenizer = by_bytes(tokens, kinds, merges, cut)
    source, made = tmp_path / "tokenizer.json", tmp_path / "made.gguf"
    tokenizer.save(str(source))
    sources = Sources(str(tmp_path), {source.name: str(source)})
    words = words_of(sources.json("tokenizer.json"), len(tokens) + 3)
    assert words.cut == cut
    writer = gguf.GGUFWriter(made, "llama")
    speech.describe(writer, words, speech.speech_of(sources, {}, words, tokenizer))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    assert verify(made, words, tokenizer, file) > 500


@pytest.mark.parametrize("made", [byte_level, lambda: byte_level("smollm"), sentence_piece])
def test_a_vocabulary_is_told_with_what_begins_and_ends_a_text(
    engine: Engine, tmp_path: Path, made: Callable[[], Tokenizer]
) -> None:
    tokenizer, gemma = made(), made is sentence_piece
    checkpoint(tmp_path / "a", "Gemma2ForCausalLM" if gemma else "Qwen2ForCausalLM", tokenizer)
    model = finish(engine.converting.convert(tmp_path / "a", Cancel()))
    fields = gguf.GGUFReader(model.path).fields
    assert fields["tokenizer.ggml.add_bos_token"].contents() is gemma
    assert fields["tokenizer.ggml.bos_token_id"].contents() == tokenizer.token_to_id("<bos>" if gemma else "<|begin|>")
    assert fields["tokenizer.ggml.eos_token_id"].contents() == tokenizer.token_to_id(
        "<end_of_turn>" if gemma else "<|im_end|>"
    )
    kinds: Any = fields["tokenizer.ggml.token_type"].contents()
    assert kinds[tokenizer.token_to_id("<table>" if gemma else "<tool_call>")] == USER_DEFINED
    assert kinds[tokenizer.token_to_id("<start_of_turn>" if gemma else "<|im_start|>")] == CONTROL
    assert kinds[-5:] == [5] * 5


def spoilt(tokenizer: Tokenizer) -> Tokenizer:
    """One that takes the spaces around a token with it, which no file of llama.cpp can say."""
    tokenizer.add_tokens([AddedToken("<greedy>", lstrip=True, rstrip=True, normalized=False)])
    return tokenizer


@pytest.mark.parametrize("made", [byte_level, sentence_piece])
def test_a_text_that_would_be_read_otherwise_is_named_and_nothing_is_published(
    engine: Engine, tmp_path: Path, tidy: Callable[[], bool], made: Callable[[], Tokenizer]
) -> None:
    architecture = "Gemma2ForCausalLM" if made is sentence_piece else "Qwen2ForCausalLM"
    checkpoint(tmp_path / "a", architecture, spoilt(made()))
    with pytest.raises(TokenizerDiffers, match="read the text 'a<greedy>b <greedy> c' otherwise") as raised:
        finish(engine.converting.convert(tmp_path / "a", Cancel()))
    assert raised.value.ours != raised.value.theirs
    assert tidy()
    assert engine.models.all() == ()


def cut_otherwise(tokenizer: Tokenizer) -> None:
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(r"\p{L}{1,4}"), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)]
    )


def lower(tokenizer: Tokenizer) -> None:
    tokenizer.normalizer = normalizers.Lowercase()


def whole_words(tokenizer: Tokenizer) -> None:
    tokenizer.model = models.WordLevel(tokenizer.get_vocab(with_added_tokens=False), unk_token="a")


@pytest.mark.parametrize(
    ("change", "why"),
    [(cut_otherwise, "cuts text in a way"), (lower, r"changes text first \(Lowercase\)"), (whole_words, "WordLevel")],
)
def test_a_tokenizer_that_llama_cpp_has_no_words_for_is_refused(
    engine: Engine, tmp_path: Path, tidy: Callable[[], bool], change: Callable[[Tokenizer], None], why: str
) -> None:
    tokenizer = byte_level()
    change(tokenizer)
    checkpoint(tmp_path / "a", "Qwen2ForCausalLM", tokenizer)
    with pytest.raises(CheckpointNotUsable, match=why):
        finish(engine.converting.convert(tmp_path / "a", Cancel()))
    assert tidy()
