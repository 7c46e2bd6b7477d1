"""What a model that judges pairs of texts calls its three answers: entailment, neutral and contradiction.

Source: `id2label` in the config of models for natural language inference on huggingface.co, which llama.cpp's
converter writes into the file as `classifier.output_labels`. Their order is each model's own.
"""

from collections.abc import Sequence

ANSWERS = ("entailment", "neutral", "contradiction")


def order_of(labels: Sequence[str]) -> tuple[int, int, int] | None:
    """Where entailment, neutral and contradiction stand among `labels`; None where they are not these three."""
    names = [label.strip().lower() for label in labels]
    if sorted(names) != sorted(ANSWERS):
        return None
    entailment, neutral, contradiction = (names.index(answer) for answer in ANSWERS)
    return entailment, neutral, contradiction
