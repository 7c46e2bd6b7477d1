"""What a GGUF file is, read and checked in plain Python before llama.cpp sees it.

    facts = read_facts(path)        # raises ModelDamaged with a reason a person understands
    must_chat(path, facts)          # raises ModelNotForChat
    must_adapt(adapters, model)     # raises AdapterNotForModel

Owns the facts: name, size, quantization. Reading is `gguf_header.py`, the rules are `gguf_check.py`, what the shape
costs in memory is `gguf_memory.py`. A model in several files is checked through its first.
"""

import hashlib
import re
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.errors import AdapterNotForModel, ModelDamaged, ModelNotForChat, from_os_error
from engine.runtime.gguf_adapter import ADAPTER, mismatch
from engine.runtime.gguf_check import check, whole
from engine.runtime.gguf_header import LABELS, TENSOR_TYPES, TOKENS, Damaged, Header, Listed, read_header
from engine.runtime.gguf_labels import order_of
from engine.runtime.gguf_memory import active_bytes, shape_of, tables_of
from engine.sampling import recommended
from engine.types import Adapter, Model, ModelFacts

TEMPLATE_CHARACTERS = 1 << 20
NAME_CHARACTERS = 120
MOST_PARTS = 999
MERGES = "tokenizer.ggml.merges"
MARKED_TOKENS = 16_384  # from the beginning: files of one family differ at the end
_PART = re.compile(r"^(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$", re.DOTALL)
_ENCODERS = frozenset({"bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2",
                       "jina-bert-v3", "eurobert", "t5encoder", "gemma-embedding", "llama-embed"})  # fmt: skip
_DIFFUSION = frozenset({"dream", "llada", "llada-moe", "rnd1"})  # llama_model_is_diffusion in llama-model.cpp
# general.file_type -> name. Source: enum llama_ftype in include/llama.h.
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS",
    21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
    29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4", 39: "NVFP4",
    40: "Q1_0", 41: "Q2_0",
}  # fmt: skip
_FILE_TYPE_GUESSED = 1024
_RANKS = 4  # LLAMA_POOLING_TYPE_RANK
# The layer between a text and its labels. llama.cpp's converter leaves out that of BERT and keeps that of RoBERTa;
# without it the numbers mean nothing.
_CLASSIFIER = "cls.weight"
_UNQUANTIZED = frozenset({"F32", "F16", "BF16", "F64"})


def read_facts(path: Path) -> ModelFacts:
    """Check the file and say what it is, without loading any weight.

    Raises `ModelDamaged` with the reason, `FileMissing` or `FileNotReadable`.
    """
    return facts_of(path, headers_of(path))


def must_chat(path: Path, facts: ModelFacts) -> None:
    """Raise `ModelNotForChat` for a file that is well but is not a model to chat with."""
    whys = {
        "vocabulary": "it holds a vocabulary and no weights",
        "embedding": "it turns text into vectors and writes none",
        "reranking": "it says how well texts answer a question and writes none",
        "entailment": "it judges one text by another and writes none",
        "vision": "it lets another model see pictures",
        "adapter": "it only adapts another model",
        "diffusion": "it does not write word by word but fills in gaps, which Hanare cannot have it do",
    }
    if facts.use != "chat":
        raise ModelNotForChat(path=str(path), why=whys[facts.use])


def must_adapt(adapters: Sequence[Adapter], model: Model) -> None:
    """Raise `AdapterNotForModel` where one of `adapters` does not go with a model; as `read_facts` for every file."""
    headers = headers_of(model.path) if adapters else []
    for adapter in adapters:
        header, *_ = headers_of(adapter.path)
        if why := unlike(header, headers):
            raise AdapterNotForModel(adapter=adapter.name, model=model.name, why=why)


def unlike(adapter: Header, model: Sequence[Header]) -> str:
    """Why an adapter does not go with the model of these headers, "" where it does. Raises `Damaged`."""
    return mismatch(adapter, model) if adapter.values.get("general.type") == ADAPTER else "it is no adapter"


def parts_of(path: Path) -> list[Path]:
    """The files that belong together with `path` by name, itself first."""
    named = _PART.match(path.name)
    if not named or int(named["number"]) != 1 or int(named["count"]) > MOST_PARTS:
        return [path]
    count = int(named["count"])
    others = (path.with_name(f"{named['stem']}-{index:05d}-of-{count:05d}.gguf") for index in range(2, count + 1))
    return [path, *others]


def is_further_part(path: Path) -> bool:
    """Whether a file is by its name the second or a later one of several that belong together."""
    named = _PART.match(path.name)
    return named is not None and int(named["number"]) > 1


def headers_of(path: Path) -> list[Header]:
    """The headers of a file and of its further parts. Raises as `read_facts`."""
    try:
        first = _read(path)
        return [first, *(_read(part) for part in _other_parts(path, first))]
    except Damaged as damage:
        raise ModelDamaged(path=str(path), why=str(damage)) from None


def _read(path: Path) -> Header:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for ever
            raise Damaged("it is a folder" if stat.S_ISDIR(found.st_mode) else "it is not a file")
        with path.open("rb", buffering=0) as file:
            header = read_header(file, found.st_size)
    except OSError as error:
        raise from_os_error(error, path) from error
    except ValueError as error:  # a path that holds a zero byte
        raise Damaged(str(error)) from error
    check(header)
    return header


def _other_parts(path: Path, first: Header) -> list[Path]:
    """The further files of a split model; llama.cpp finds them by the same names."""
    count, number = whole(first.values, "split.count"), whole(first.values, "split.no")
    if count <= 1:
        return []
    if count > MOST_PARTS:
        raise Damaged(f"it claims to be one of {count} parts")
    if number != 0:
        raise Damaged(f"it is part {number + 1} of {count}; open the first part")
    parts = parts_of(path)[1:]
    if len(parts) != count - 1:
        raise Damaged(f"it is the first of {count} parts and must be named …-00001-of-{count:05d}.gguf")
    for part in parts:
        if not part.is_file():
            raise Damaged(f"{part.name} is missing beside it")
    return parts


def facts_of(path: Path, headers: list[Header]) -> ModelFacts:
    """What a model is, by its headers. Raises `ModelDamaged` where they do not go together."""
    values = headers[0].values
    prefix = str(values["general.architecture"])
    tensors = [tensor for header in headers for tensor in header.tensors]
    tokens, merges = values.get(TOKENS), values.get(MERGES)
    template = values.get("tokenizer.chat_template")
    if isinstance(template, str) and len(template) > TEMPLATE_CHARACTERS:
        raise ModelDamaged(path=str(path), why="its chat template is far too long")
    announced = whole(values, "split.tensors.count")
    if len(headers) > 1 and announced != len(tensors):
        why = f"its parts hold {len(tensors)} tensors and should hold {announced}"
        raise ModelDamaged(path=str(path), why=why)
    return ModelFacts(
        architecture=prefix,
        name=_name(values.get("general.name"), path),
        parameters=sum(tensor.weights for tensor in tensors),
        quantization=_quantization(headers),
        context_tokens=whole(values, f"{prefix}.context_length"),
        layers=whole(values, f"{prefix}.block_count"),
        embedding=whole(values, f"{prefix}.embedding_length") or whole(values, "clip.vision.projection_dim"),
        vocabulary=tokens.count if isinstance(tokens, Listed) else whole(values, f"{prefix}.vocab_size"),
        size_bytes=sum(header.size_bytes for header in headers),
        tensor_bytes=sum(tensor.size_bytes for tensor in tensors),
        merges=merges.count if isinstance(merges, Listed) else 0,
        **shape_of(headers[0])._asdict(),
        **tables_of(tensors)._asdict(),
        active_bytes=active_bytes(tensors, values, prefix),
        template=template.split("\0", 1)[0] if isinstance(template, str) and template else None,
        use=_use(headers[0], len(tensors)),
        parts=len(headers),
        sampling=recommended(values),
        base=shown_line(values.get("general.base_model.0.name")),
        vocabulary_mark=_vocabulary_mark(values),
    )


def _vocabulary_mark(values: Mapping[str, object]) -> str:
    """The same for files of one vocabulary; "" where there is none."""
    tokens = values.get(TOKENS)
    if not isinstance(tokens, Listed):
        return ""
    mark = hashlib.blake2b(digest_size=12)
    for key in ("tokenizer.ggml.model", "tokenizer.ggml.pre"):
        mark.update(f"{values.get(key, '')}\0".encode("utf-8", "replace"))
    for text in tokens.texts[:MARKED_TOKENS]:
        mark.update(len(text).to_bytes(4, "little") + text)
    return mark.hexdigest()


def _name(value: object, path: Path) -> str:
    """What the file calls itself; else its file name."""
    return shown_line(value) or path.stem[:NAME_CHARACTERS]


def shown_line(value: object) -> str:
    """A text of the header, fit to be shown on one line."""
    text = value.split("\0", 1)[0] if isinstance(value, str) else ""
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:1000]).split())
    return shown[:NAME_CHARACTERS]


def _use(header: Header, tensors: int) -> str:
    values = header.values
    prefix = str(values["general.architecture"])
    if values.get("general.type") == ADAPTER:
        return "adapter"
    if prefix in ("clip", "mmproj") or values.get("general.type") == "mmproj":
        return "vision"
    if not tensors:
        return "vocabulary"
    labels = values.get(f"{prefix}{LABELS}")
    whole_classifier = any(tensor.name == _CLASSIFIER for tensor in header.tensors)
    names = [text.decode("utf-8", "replace") for text in labels.texts] if isinstance(labels, Listed) else []
    if whole_classifier and order_of(names):
        return "entailment"
    if whole(values, f"{prefix}.pooling_type") == _RANKS:
        return "reranking"
    if prefix in _ENCODERS or values.get(f"{prefix}.attention.causal") is False:
        return "embedding"
    if prefix in _DIFFUSION:
        return "diffusion"
    return "chat" if whole(values, f"{prefix}.pooling_type") == 0 else "embedding"


def _quantization(headers: list[Header]) -> str:
    """The name the file claims, unless its tensors plainly say otherwise; "" without tensors."""
    weights: Counter[str] = Counter()
    for header in headers:
        for tensor in header.tensors:
            weights[TENSOR_TYPES[tensor.type][0]] += tensor.weights
    if not weights:
        return ""
    most = weights.most_common(1)[0][0]
    claimed = _FILE_TYPES.get(whole(headers[0].values, "general.file_type", -1) & ~_FILE_TYPE_GUESSED)
    if claimed is None:
        return most
    if claimed in _UNQUANTIZED:
        return most
    return most if _UNQUANTIZED.issuperset(weights) else claimed
