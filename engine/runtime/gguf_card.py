"""What the header of a GGUF file tells of a model beyond what is needed to load it: how it is built, in which forms its
weights lie, where it says that it comes from.

Everything here is read, nothing is loaded, and all texts are fit to be shown on one line. Source of the entries:
docs/gguf.md of ggml and gguf/constants.py of llama.cpp; of the importance matrix's, tools/quantize/quantize.cpp.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.runtime.gguf import facts_of, headers_of, shown_line
from engine.runtime.gguf_check import whole
from engine.runtime.gguf_header import TENSOR_TYPES, Tensor, Value
from engine.runtime.gguf_terms import terms_of
from engine.types import Differing, FormShare, ModelCard, Origin

MOST_DIFFERING = 200  # lines of a table; a model has a dozen kinds of matrices
MOST_BASES = 8
_LAYER = re.compile(r"(?<=\.)(\d{1,4})(?=\.)")
_MATRIX = "quantize.imatrix."


def read_card(path: Path) -> ModelCard:
    """The card of a file, or of a model in several. Raises as `gguf.read_facts`."""
    headers = headers_of(path)
    facts = facts_of(path, headers)
    values = headers[0].values
    tensors = [tensor for header in headers for tensor in header.tensors]
    forms = forms_of(tensors)
    return ModelCard(
        facts=facts,
        terms=terms_of(headers[0], tensors),
        origin=origin_of(values),
        bits_per_weight=8 * facts.tensor_bytes / facts.parameters if facts.parameters else 0.0,
        forms=forms,
        differing=differing_of(tensors, forms[0].form) if forms else (),
        small_tensors=sum(_is_small(tensor) for tensor in tensors),
        vocabulary_kind=shown_line(values.get("tokenizer.ggml.model")),
        vocabulary_cut=shown_line(values.get("tokenizer.ggml.pre")),
    )


def forms_of(tensors: Sequence[Tensor]) -> tuple[FormShare, ...]:
    """In which forms the weights lie, the form of most of them first."""
    counts, weights, sizes = Counter[str](), Counter[str](), Counter[str]()
    for tensor in tensors:
        form = TENSOR_TYPES[tensor.type][0]
        counts[form] += 1
        weights[form] += tensor.weights
        sizes[form] += tensor.size_bytes
    return tuple(
        FormShare(form=form, tensors=counts[form], weights=count, size_bytes=sizes[form])
        for form, count in weights.most_common()
    )


def differing_of(tensors: Sequence[Tensor], most: str) -> tuple[Differing, ...]:
    """The matrices that do not lie in the form of most weights, those with most weights first."""
    layers: dict[tuple[str, str], list[int]] = defaultdict(list)
    weights, everywhere = Counter[tuple[str, str]](), Counter[str]()
    for tensor in tensors:
        if _is_small(tensor):
            continue
        number = _LAYER.search(tensor.name)
        key = shown_line(_LAYER.sub("*", tensor.name, count=1)), TENSOR_TYPES[tensor.type][0]
        everywhere[key[0]] += number is not None
        weights[key] += tensor.weights
        if number is not None:
            layers[key].append(int(number[0]))
    others = [key for key, _ in weights.most_common() if key[1] != most]
    return tuple(
        Differing(
            name=name, form=form, weights=weights[name, form], of_layers=everywhere[name],
            layers=tuple(sorted(layers[name, form])) if len(layers[name, form]) < everywhere[name] else (),
        )
        for name, form in others[:MOST_DIFFERING]
    )  # fmt: skip


def origin_of(values: Mapping[str, Value]) -> Origin:
    """Where the file says that it comes from."""

    def said(*keys: str) -> str:
        return next((line for key in keys if (line := shown_line(values.get(key)))), "")

    bases = min(MOST_BASES, max(0, whole(values, "general.base_model.count", 1)))
    named = (said(f"general.base_model.{n}.repo_url", f"general.base_model.{n}.name") for n in range(bases))
    return Origin(
        license=said("general.license.name", "general.license"),
        license_link=said("general.license.link"),
        organization=said("general.organization"),
        author=said("general.author"),
        version=said("general.version"),
        quantized_by=said("general.quantized_by"),
        repository=said("general.repo_url", "general.url"),
        source=said("general.source.repo_url", "general.source.huggingface.repository", "general.source.url"),
        commit=said("general.source.commit", "general.commit", "general.source.revision"),
        bases=tuple(base for base in named if base),
        matrix=said(f"{_MATRIX}file"),
        matrix_text=said(f"{_MATRIX}dataset"),
        chunks=whole(values, f"{_MATRIX}chunks_count"),
    )


def _is_small(tensor: Tensor) -> bool:
    """Of one dimension: a norm or a bias."""
    return sum(dimension > 1 for dimension in tensor.dimensions) < 2
