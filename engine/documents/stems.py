"""English words without their endings. Pure."""

import functools

MOST = 16384  # words that are remembered with their stems


@functools.lru_cache(maxsize=MOST)
def stem(word: str) -> str:
    """An English word without its ending, roughly: "models" and "model", "written" stays as it is."""
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ingly", "edly", "ing", "ed"):
        bare = word.removesuffix(ending)
        if bare != word and len(bare) >= 4:
            doubled = bare[-1] == bare[-2] and bare[-1] not in "lsz"
            return bare[:-1] if doubled else bare
    return word[:-1] if word.endswith("e") and len(word) > 5 else word


class _OtherStems(dict[str, str]):
    """The stem of a word, "" where that is the word itself; asked for every word that is kept."""

    def __missing__(self, word: str) -> str:
        if len(self) >= MOST:
            self.clear()
        bare = stem.__wrapped__(word)  # remembered once is enough
        self[word] = bare if bare != word else ""
        return self[word]


OTHER_STEMS = _OtherStems()
