"""What a chat is called before the person names it."""

NEW_CHAT = "New chat"
TITLE_LETTERS = 48


def title_of(text: str) -> str:
    """A chat's title: the first words of its first message."""
    words = " ".join(text.split()).lstrip("#*>-` ") or text.strip()
    if len(words) <= TITLE_LETTERS:
        return words
    cut = words[:TITLE_LETTERS]
    at_a_word = cut.rsplit(" ", 1)[0]
    return (at_a_word if len(at_a_word) > TITLE_LETTERS // 2 else cut).rstrip(" ,.;:、。") + "…"
