"""What llama.cpp works in beside the weights and the context, reckoned from the facts of a model.

Checked against llama.cpp's own "compute buffer size" and "output buffer size", and the peaks of `make bench-fit`. A
step of a batch holds at most, for each of its tokens: three rows as wide as the embedding, one as wide as all heads,
three as wide as the feed-forward network, and a row of the attention mask for each kind of attention (with a sliding
window there are two; `build_attn_inp_kv_iswa` in llama-graph.cpp). Without flash attention, the weight of every
token of the context for each head stands in the place of what is as wide as the feed-forward network, which comes
after it, and once more in half the width while it is multiplied with the values (ggml_graph_plan in ggml-cpu.c).
Where the words are picked the batch is no longer there.
"""

from engine.types import ModelFacts

F32_BYTES, HALF_BYTES, MASK_BYTES = 4, 2, 2
EMBEDDING_ROWS, FEED_FORWARD_ROWS = 3, 3
USUAL_FEED_FORWARD = 5  # times the embedding, where a header does not say
# What llama.cpp keeps of a vocabulary (llama_vocab): texts and how they are found; which of them merge, where they do.
TOKEN_BYTES, MERGE_BYTES = 150, 150


def step_bytes(facts: ModelFacts, rows: int, context_tokens: int, picked: int, *, flash: bool = True) -> int:
    """The work space of one step over `rows` tokens, after `picked` of which a word can be picked."""
    feed_forward = facts.feed_forward or USUAL_FEED_FORWARD * facts.embedding
    heads = facts.heads * facts.key_width if facts.key_width else facts.embedding
    widest = FEED_FORWARD_ROWS * feed_forward
    if not flash:
        widest = max(widest, facts.heads * context_tokens * (F32_BYTES + HALF_BYTES) // F32_BYTES)
    width = EMBEDDING_ROWS * facts.embedding + heads + widest
    masks = 2 if facts.windowed else 1
    return max(rows * (width * F32_BYTES + masks * context_tokens * MASK_BYTES), picks_bytes(facts, picked))


def picks_bytes(facts: ModelFacts, picked: int) -> int:
    """How likely every word of the vocabulary is, after so many tokens."""
    return picked * facts.vocabulary * F32_BYTES


def vocabulary_bytes(facts: ModelFacts) -> int:
    """The vocabulary itself."""
    return facts.vocabulary * TOKEN_BYTES + facts.merges * MERGE_BYTES


def weights_bytes(facts: ModelFacts, context_tokens: int) -> int:
    """The weights as they are resident: of tables that are only looked up in, no more than a row for each token."""
    looked_up = min(facts.table_bytes, context_tokens * facts.table_row_bytes)
    return facts.tensor_bytes - facts.table_bytes + looked_up
