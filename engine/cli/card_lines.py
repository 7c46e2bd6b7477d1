"""A model's card, and its prospects, in lines for a terminal."""

from collections.abc import Iterator

from engine.cli.model_lines import weights
from engine.cli.wording import count, size
from engine.types import (
    Against,
    Attention,
    Differing,
    Fit,
    KnownCard,
    Model,
    ModelCard,
    ModelFacts,
    Origin,
    Positions,
    Prospect,
    Terms,
)

READS_AGAIN = {
    "anywhere": "what comes after a change, and nothing before it",
    "marks": "the last message where that is changed or answered anew; the whole chat where one further up is",
    "window": "as others; in a reopened chat, all of it where a message before the last one is changed",
}
POSITIONS = {
    Positions.NONE: "none",
    Positions.ROTARY: "rotary (RoPE)",
    Positions.LEARNED: "learned, one vector for each",
    Positions.SLOPES: "slopes (ALiBi)",
    Positions.RELATIVE: "relative",
}
VOCABULARIES = {
    "llama": "SentencePiece", "gpt2": "byte-level BPE", "bert": "WordPiece", "t5": "Unigram", "rwkv": "trie",
}  # fmt: skip
AGAINST = {
    Against.PARENT: "{name}, which it was made from",
    Against.BASE: "{name}, which the file names as its origin",
    Against.SIBLING: "{name}, another form of the same model",
    Against.FAMILY: "the plain template of {name}, whose marks it uses",
}


def described(model: Model, known: KnownCard, fit: Fit) -> list[tuple[str, str]]:
    """What a person wants to know of a model file, line by line."""
    facts = known.card.facts
    if facts.use == "adapter":
        lines = [
            ("Name", facts.name),
            ("Adapter for", f"models of the architecture {facts.architecture}"),
            ("Made from", facts.base or "the file does not say"),
            ("Weights", weights(facts.parameters).removesuffix(" weights")),
            ("Size", size(facts.size_bytes)),
            ("Memory", f"{size(facts.tensor_bytes)} on top of the model that it is attached to"),
        ]
    else:
        lines = [*_built(known.card), *_used(known), ("Memory", _memory(fit))]
    return [*lines, *_origin(model, known)]


def differing_line(differing: Differing) -> str:
    """Matrices of one name in another form."""
    where = ""
    if differing.layers:
        where = f", layers {', '.join(map(str, differing.layers))} of {differing.of_layers}"
    elif differing.of_layers:
        where = f", all {differing.of_layers} layers" if differing.of_layers > 1 else ""
    return f"  {differing.form:<8} {differing.name}{where}"


def prospect_lines(facts: ModelFacts, found: Prospect) -> Iterator[str]:
    """Memory and speed in sentences."""
    yield f"{facts.name} needs {_memory(found.fit)}."
    if found.memory_error is not None:
        reckoned = f"its header alone tells {size(found.fit.reckoned_bytes)}, {_off(found.memory_error)}"
        yield f"It took {size(found.fit.need_bytes)} on this computer before; {reckoned}."
    if found.expected.writing and found.like:
        reads = f", reads about {found.expected.reading:.0f}" if found.expected.reading else ""
        yield f"It writes about {found.expected.writing:.1f} tokens a second{reads}, by how fast {found.like} was here."
    elif found.expected.writing:
        yield f"It may write {found.expected.writing:.0f} tokens a second, by how fast the memory and the cores are."
    if found.measured.writing:
        error = "" if found.speed_error is None else f"; the estimate is {_off(found.speed_error)}"
        yield f"Measured: it wrote {found.measured.writing:.1f} tokens a second{error}."


def _memory(fit: Fit) -> str:
    more = f", draft model {size(fit.draft_bytes)}" if fit.draft_bytes else ""
    more += f", {size(fit.seeing_bytes)} more where a picture is shown" if fit.seeing_bytes else ""
    verdict = "fits" if fit.fits else "does not fit"
    return (
        f"{size(fit.reckoned_bytes)} for {fit.context_tokens:,} tokens of context (weights {size(fit.weights_bytes)}, "
        f"context {size(fit.context_bytes)}, working space {size(fit.working_bytes)}{more}); it {verdict} in the "
        f"{size(fit.free_bytes)} free now"
    )


def _off(error: float) -> str:
    return f"{abs(error):.0%} too {'much' if error > 0 else 'little'}"


def _built(card: ModelCard) -> Iterator[tuple[str, str]]:
    facts, terms = card.facts, card.terms
    yield "Name", facts.name
    yield "Architecture", facts.architecture
    yield "Weights", weights(facts.parameters).removesuffix(" weights")
    shares = [f"{share.weights / max(1, facts.parameters):.1%} {share.form}" for share in card.forms]
    yield "Quantization", facts.quantization
    yield "Forms", f"{card.bits_per_weight:.2f} bits a weight: {', '.join(shares)}" if shares else "no weights"
    yield "Size", size(facts.size_bytes)
    yield "Context length", f"{facts.context_tokens:,} tokens"
    yield "Layers", f"{facts.layers}, {facts.embedding} wide"
    yield "Attention", attention_words(terms)
    if terms.recurrent:
        yield "Running state", f"in {terms.recurrent} of {count(terms.layers, 'layer')}"
    if terms.experts:
        shared = f" and {terms.experts_shared} always" if terms.experts_shared else ""
        yield "Experts", f"{terms.experts_used} of {terms.experts} for each token{shared}"
    yield "Positions", positions_words(terms)
    kind = VOCABULARIES.get(card.vocabulary_kind, card.vocabulary_kind or "unknown kind")
    cut = f", cut as {card.vocabulary_cut}" if card.vocabulary_cut else ""
    tied = "; words are picked with the table they are read with (tied)" if terms.tied else ""
    yield "Vocabulary", f"{facts.vocabulary:,} tokens, {kind}{cut}{tied}"


def attention_words(terms: Terms) -> str:
    """How heads look back."""
    if terms.attention is Attention.NONE:
        return "none"
    heads = {
        Attention.FULL: f"full, {count(terms.heads, 'head')}",
        Attention.GROUPED: f"grouped, {terms.heads} heads on {terms.kv_heads} of keys and values",
        Attention.MULTI_QUERY: f"multi-query, {terms.heads} heads on one of keys and values",
        Attention.LATENT: f"latent, {terms.heads} heads on a row of {terms.latent_width} numbers",
    }[terms.attention]
    if terms.window_tokens:
        which = f"{terms.windowed} of {terms.layers}" if terms.windowed else "some"
        heads += f"; {which} layers look {terms.window_tokens:,} tokens back"
    return heads


def positions_words(terms: Terms) -> str:
    """How it knows where a token stands."""
    words = POSITIONS[terms.positions]
    if terms.positions is not Positions.ROTARY:
        return words
    words += f", base {terms.rope_base:,.0f}" if terms.rope_base else ""
    words += f", {terms.turned} of {terms.head_width} numbers turned" if 0 < terms.turned < terms.head_width else ""
    if terms.scaling:
        by = f" by {terms.scaling_factor:g}" if terms.scaling_factor else ""
        trained = f" from {terms.trained_tokens:,} tokens" if terms.trained_tokens else ""
        words += f", stretched{by}{trained} ({terms.scaling})"
    return words


def _used(known: KnownCard) -> Iterator[tuple[str, str]]:
    yield "Reads again", READS_AGAIN[known.card.facts.goes_back]
    words = "in the file" if known.card.facts.template else "none in the file; a common one is used"
    if (found := known.template) is not None:
        changed = sum(line[0] in "+-" for line in found.lines)
        beside = AGAINST[found.against].format(name=found.name)
        words += f"; {count(changed, 'line')} changed beside {beside}" if changed else f"; the same as that of {beside}"
    yield "Chat template", words
    fitting = [adapter.name for adapter in known.adapters if not adapter.why]
    if fitting:
        yield "Adapters", ", ".join(fitting)


def _origin(model: Model, known: KnownCard) -> Iterator[tuple[str, str]]:
    origin: Origin = known.card.origin
    if origin.license or origin.license_link:
        yield "Licence", " ".join(filter(None, (origin.license, origin.license_link)))
    for name, value in (
        ("Source", model.repository or origin.source or origin.repository),
        ("Commit", model.commit or origin.commit),
        ("Made from", model.made.parent if model.made else ", ".join(origin.bases)),
        ("Quantized by", origin.quantized_by),
    ):
        if value:
            yield name, value
    if known.card.facts.use != "adapter":
        yield "Importance matrix", importance_words(model, origin)
    for name, sha256 in known.checksum.files if known.checksum else ():
        yield "SHA-256", f"{sha256}  {name}"


def importance_words(model: Model, origin: Origin) -> str:
    """Whether it was made with an importance matrix, and of which text."""
    if model.made is not None:
        return model.made.importance or "none"
    if not origin.matrix and not origin.chunks:
        return "the file tells of none"
    text = f", measured with {origin.matrix_text}" if origin.matrix_text else ""
    pieces = f" ({count(origin.chunks, 'piece')})" if origin.chunks else ""
    return f"{origin.matrix or 'yes'}{text}{pieces}"
