"""Which questions look as if the best passages could not answer them: "list all …", "summarise everything on …"."""

import re

_WIDE = re.compile(
    r"\b(?:list|name|find|show|give(?: me)?|enumerate|collect|count)\b.{0,20}\b(?:all|every|each|any)\b"
    r"|\bsummar(?:y|i[sz]e|ies)\b|\boverview\b|\beverything\b|\b(?:all|every one) of (?:my|the|these) \w+"
    r"|\b(?:all|every|each) (?:my |the |these )?(?:\w+ )?"
    r"(?:documents?|files?|papers?|letters?|notes?|invoices?|contracts?)\b"
    r"|\bhow many\b.{0,30}\b(?:documents|files|papers|letters|notes|invoices|contracts|times)\b"
    r"|\bin (?:total|all)\b|\bwhich (?:of (?:my|the) )?(?:documents|files|papers)\b",
    re.IGNORECASE | re.DOTALL,
)
_WIDE_JA = re.compile(
    "一覧|リストアップ|列挙|すべて|全て|全部|要約|まとめて|まとめる|概要|総括|何件|何通|どの(?:文書|ファイル|書類)"
)


def looks_wide(question: str) -> bool:
    """Whether a question seems to ask for something that may stand in any document."""
    return bool(_WIDE.search(question) or _WIDE_JA.search(question))
