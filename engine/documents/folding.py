"""Text without what tells equal words apart, and without the breaks within words. Pure."""

import functools
import re
import unicodedata

# Han, kana and Hangul. The long-vowel mark and the repetition marks belong to their runs.
CJK = "々〆〇ぁ-ゖゝゞァ-ヺー-ヿ㐀-䶿一-鿿豈-﫿가-힣\U00020000-\U000323af"
_SOFT = "\u00ad\u200b-\u200d\ufeff"


def fold(text: str) -> str:
    """Text without what tells equal words apart: width, case, accents."""
    if text.isascii():
        return text.lower()
    usual = text.replace("（", "(").replace("）", ")")
    if not _unusual().search(usual):  # most Japanese: the rest would take several times as long for the same
        return usual.lower()
    apart = unicodedata.normalize("NFKD", text)
    bare = re.sub("[\u0300-\u036f]", "", apart)
    if len(bare) == len(apart) and unicodedata.is_normalized("NFKC", text):  # so it is put together already
        return text.casefold()
    return unicodedata.normalize("NFKC", bare).casefold()


def unbroken(folded: str) -> str:
    """Folded text without what breaks a word or a run at the end of a line."""
    if folded.isascii():
        return breaks().sub("", folded) if "-\n" in folded else folded
    return breaks().sub("", folded) if _may_break().search(folded) else folded


# These take some hundredths of a second to compile, which no start of the program need wait for.


@functools.cache
def breaks() -> re.Pattern[str]:
    """What breaks a word or a run, in folded text."""
    # It begins with the characters that a break may begin with, and looks back from there: so it is found quickly.
    return re.compile(
        rf"[\s\-\u2010{_SOFT}](?:"
        rf"(?<=[{CJK}]\s)(?:(?<=\n)|\s*\n)\s*(?=[{CJK}])"
        rf"|(?<=[^\W\d_][-\u2010])\n(?=[^\W\d_])|(?<=[{_SOFT}]))"
    )


@functools.cache
def _may_break() -> re.Pattern[str]:
    """Something that is in every text with a break, and looked for in fewer places than spaces are."""
    return re.compile(rf"[{CJK}]\s*\n|[-\u2010]\n|[{_SOFT}]")


@functools.cache
def _unusual() -> re.Pattern[str]:
    """What is neither ASCII nor of what most Japanese text is made of, each of which is folded into itself."""
    return re.compile("[^\x00-\x7f–—‘’“”、。「」『』・々〇ぁ-ゖァ-ヺー一-鿿]")
