"""How a model is built and where it comes from, in words."""

from collections.abc import Iterator

from desktop.widgets.amounts import count_text, short_text
from desktop.words import later, told, tr
from engine.types import Attention, Differing, KnownCard, Model, ModelCard, Origin, Positions, Terms
from engine.unseen import visible

Line = tuple[str, str]  # a title, and what stands beside it
VOCABULARIES = {
    "llama": "SentencePiece", "gpt2": "byte-level BPE", "bert": "WordPiece", "t5": "Unigram", "rwkv": "Trie",
}  # fmt: skip
POSITIONS = {
    Positions.NONE: later("None"),
    Positions.ROTARY: later("Rotary (RoPE)"),
    Positions.LEARNED: later("Learned, a vector for each place"),
    Positions.SLOPES: later("Slopes (ALiBi)"),
    Positions.RELATIVE: later("Relative"),
}


def built_lines(card: ModelCard) -> Iterator[Line]:
    """How it is built, in the terms that models are compared with."""
    terms = card.terms
    yield tr("Attention"), attention_words(terms)
    if terms.window_tokens and terms.attention is not Attention.NONE:
        yield tr("Sliding window"), window_words(terms)
    if terms.recurrent:
        yield tr("Running state"), tr("In {count} of {layers} layers", count=terms.recurrent, layers=terms.layers)
    yield tr("Experts"), experts_words(terms) if terms.experts else tr("None: every weight is used for every token")
    yield tr("Positions"), positions_words(terms)
    yield (
        tr("Words are picked"),
        (tr("With the table they are read with (tied)") if terms.tied else tr("With a table of their own")),
    )
    yield tr("Kind of vocabulary"), vocabulary_words(card)


def origin_lines(model: Model, known: KnownCard) -> Iterator[Line]:
    """Where it comes from, and what goes with it."""
    origin = known.card.origin
    yield tr("Licence"), _joined(origin.license, origin.license_link) or tr("The file does not say")
    for title, value in (
        (tr("Source"), model.repository or origin.source or origin.repository),
        (tr("Commit"), model.commit or origin.commit),
        (tr("Based on"), ", ".join(origin.bases)),
        (tr("Made by"), _joined(origin.organization or origin.author, origin.version)),
        (tr("Quantized by"), origin.quantized_by),
    ):
        if value:
            yield title, value
    if known.card.facts.use != "adapter":
        yield tr("Importance matrix"), importance_words(model, origin)
    fitting = [adapter.name for adapter in known.adapters if not adapter.why]
    if fitting:
        yield tr("Adapters that match"), ", ".join(fitting)


def attention_words(terms: Terms) -> str:
    """How its heads look back."""
    counts = {"heads": count_text(terms.heads), "kept": count_text(terms.kv_heads)}
    match terms.attention:
        case Attention.FULL:
            words = tr("Full: each of {heads} heads has keys and values of its own", heads=counts["heads"])
        case Attention.GROUPED:
            words = tr("Grouped: {heads} heads share {kept} of keys and values", **counts)
        case Attention.MULTI_QUERY:
            words = tr("Multi-query: {heads} heads share one of keys and values", heads=counts["heads"])
        case Attention.LATENT:
            words = tr("Latent: keys and values of {heads} heads come from one row of {width} numbers",
                       heads=counts["heads"], width=count_text(terms.latent_width))  # fmt: skip
        case _:
            return tr("None: it keeps a running state")
    if 0 < terms.attending < terms.layers:
        words += " · " + tr("in {count} of {layers} layers", count=terms.attending, layers=terms.layers)
    return words


def window_words(terms: Terms) -> str:
    """How far layers look back that do not look at everything."""
    tokens = count_text(terms.window_tokens)
    if not terms.windowed:
        return tr("Some layers look only {tokens} tokens back", tokens=tokens)
    return tr("{count} of {layers} layers look only {tokens} tokens back",
              count=terms.windowed, layers=terms.layers, tokens=tokens)  # fmt: skip


def experts_words(terms: Terms) -> str:
    """How many are asked."""
    words = tr("{used} of {experts} are asked for each token", used=terms.experts_used, experts=terms.experts)
    if terms.experts_shared:
        words += " · " + tr("{count} always", count=terms.experts_shared)
    return words


def positions_words(terms: Terms) -> str:
    """How it knows where a token stands, and how that was stretched."""
    parts = [tr(POSITIONS[terms.positions])]
    if terms.rope_base:
        parts.append(tr("base {base}", base=count_text(terms.rope_base)))
    if 0 < terms.turned < terms.head_width:
        parts.append(tr("{turned} of {width} numbers of a head", turned=terms.turned, width=terms.head_width))
    if terms.scaling == "frequencies":
        parts.append(tr("stretched with a table of frequencies"))
    elif terms.scaling:
        by = short_text(terms.scaling_factor) if terms.scaling_factor else "?"
        parts.append(tr("stretched {by} times ({way})", by=by, way=terms.scaling))
    if terms.trained_tokens:
        parts.append(tr("from {tokens} tokens", tokens=count_text(terms.trained_tokens)))
    return " · ".join(parts)


def vocabulary_words(card: ModelCard) -> str:
    """By which method, and how text is cut before."""
    kind = VOCABULARIES.get(card.vocabulary_kind, card.vocabulary_kind)
    if not kind:
        return tr("The file does not say")
    return tr("{kind}, cut as {cut}", kind=kind, cut=card.vocabulary_cut) if card.vocabulary_cut else kind


def importance_words(model: Model, origin: Origin) -> str:
    """Whether it was made with an importance matrix, and with which text that was measured."""
    if model.made is not None:
        return visible(told(model.made.importance)) or tr("None")
    if not origin.matrix and not origin.chunks:
        return tr("The file tells of none")
    parts = [origin.matrix or tr("Yes")]
    if origin.matrix_text:
        parts.append(tr("measured with {text}", text=origin.matrix_text))
    if origin.chunks:
        parts.append(tr("{count} pieces of text", count=count_text(origin.chunks)))
    return " · ".join(parts)


def layers_words(differing: Differing) -> str:
    """In which layers a matrix lies in another form than most."""
    if not differing.of_layers:
        return ""
    if not differing.layers:
        return tr("all {count}", count=differing.of_layers)
    return ", ".join(_runs(differing.layers))


def _runs(numbers: tuple[int, ...]) -> Iterator[str]:
    """ "0–2", "5": neighbours in one."""
    start = last = numbers[0]
    for number in (*numbers[1:], -1):
        if number == last + 1:
            last = number
            continue
        yield str(start) if start == last else f"{start}–{last}"
        start = last = number


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
