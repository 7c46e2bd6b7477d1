"""The words of a text that tell most about it: those that stand in the fewest passages of the documents."""

from engine.documents.words import index_words, telling
from engine.store.passages import PassageRows


def rare_words(rows: PassageRows, text: str, most: int) -> tuple[str, ...]:
    """At most `most` words of `text`, in their order: the rarest of those that any passage holds."""
    parts = {word: index_words(word).split() for word in telling(text)}
    spread = rows.spread({part for several in parts.values() for part in several})
    counts = {word: min(spread[part] for part in several) for word, several in parts.items()}
    rarest = sorted((word for word in counts if counts[word]), key=counts.__getitem__)[:most]
    return tuple(word for word in parts if word in rarest)
