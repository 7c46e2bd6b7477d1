"""Words for models that are not here yet: whether they fit, how fast they would be, what they are for."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QDate, QLocale

from desktop.widgets.amounts import count_text, parameters_text, size_text
from desktop.words import later, number_text, tr
from engine.types import HubModel, HubOffer, Outlook, Purpose, Recommended, Verdict

MOST_LANGUAGES = 6  # named one by one
# By their own names (ISO 639-1).
LANGUAGES = {
    "ar": "العربية", "cs": "čeština", "da": "dansk", "de": "Deutsch", "el": "ελληνικά", "en": "English",
    "es": "español", "fa": "فارسی", "fi": "suomi", "fr": "français", "he": "עברית", "hi": "हिन्दी",
    "hu": "magyar", "id": "Indonesia", "it": "italiano", "ja": "日本語", "ko": "한국어", "nl": "Nederlands",
    "no": "norsk", "pl": "polski", "pt": "português", "ro": "română", "ru": "русский", "sv": "svenska",
    "th": "ไทย", "tr": "Türkçe", "uk": "українська", "vi": "Tiếng Việt", "zh": "中文",
}  # fmt: skip
GIB, MIB = 1 << 30, 1 << 20
PURPOSES = {
    Purpose.CHAT: later("Chat"),
    Purpose.DOCUMENTS: later("Documents"),
    Purpose.JAPANESE: later("Japanese"),
    Purpose.SEARCH: later("Search by meaning"),
}
BEST = {
    Purpose.CHAT: later("Best here for chats"),
    Purpose.DOCUMENTS: later("Best here for documents"),
    Purpose.JAPANESE: later("Best here for Japanese"),
    Purpose.SEARCH: later("Best here for search by meaning"),
}
VERDICTS = {
    Verdict.FITS: (later("Fits"), ""),
    Verdict.TIGHT: (later("Tight"), "warn"),
    Verdict.TOO_BIG: (later("Too big"), "bad"),
}
MEANINGS = {
    Verdict.FITS: later("Fits into what is free now: it needs about {need}."),
    Verdict.TIGHT: later(
        "Needs about {need}: fits once other programs are closed, or with a shorter context length."
    ),
    Verdict.TOO_BIG: later("Needs about {need}, more than this computer can give."),
}  # fmt: skip
GATES = {
    "auto": later("Accept its terms on its web page first"),
    "manual": later("Ask its owner on its web page first"),
}


def meaning_words(seen: Outlook) -> str:
    """What a verdict means, with the memory that it is about."""
    return tr(MEANINGS[seen.verdict], need=rough_text(seen.need_bytes))


def rough_text(size_bytes: float) -> str:
    """A size that is an estimate, no more exactly than it is meant: "2.7 GB", "640 MB"."""
    if size_bytes >= GIB:
        return f"{number_text(size_bytes / GIB, 1)} GB"
    return f"{number_text(round(size_bytes / MIB, -1))} MB"


def speed_words(seen: Outlook) -> str:
    """About how fast it would write; "" for what writes nothing."""
    if not seen.tokens_per_s:
        return ""
    rate = number_text(seen.tokens_per_s, 0 if seen.tokens_per_s >= 10 else 1)
    if seen.slow:
        return tr("slow, about {rate} tokens per second", rate=rate)
    return tr("about {rate} tokens per second", rate=rate)


def recommended_words(one: Recommended) -> str:
    """Form, size, licence, memory and speed on one line."""
    size = size_text(one.file.size_bytes)
    parts = [
        one.file.quantization,
        tr("about {size}", size=size) if one.file.about else size,
        tr("licence {name}", name=one.model.licence),
        tr("needs about {need} of memory", need=rough_text(one.outlook.need_bytes)),
        speed_words(one.outlook),
    ]
    return " · ".join(part for part in parts if part)


def result_words(model: HubModel) -> str:
    """Size, architecture, licence and how much it is fetched, on one line."""
    parts = [
        parameters_text(model.parameters) if model.parameters else "",
        model.architecture,
        tr("licence {name}", name=model.licence) if model.licence else tr("licence not told"),
        tr("{count} downloads", count=count_text(model.downloads)),
        tr("{count} likes", count=count_text(model.likes)),
        day_text(model.published_at),
    ]
    return " · ".join(part for part in parts if part)


def offer_words(offer: HubOffer) -> str:
    """Whether a file of a repository can be used, and fits."""
    if not offer.whole:
        return tr("Parts are missing")
    if offer.outlook is None:
        return tr("For pictures")
    return tr(VERDICTS[offer.outlook.verdict][0])


def card_words(model: HubModel) -> list[tuple[str, str]]:
    """What a repository tells of itself, each with its title."""
    told = [
        (tr("Licence"), model.licence or tr("not told")),
        (tr("Access"), tr(GATES[model.gated]) if model.gated in GATES else tr("Open to everybody")),
        (tr("Architecture"), model.architecture),
        (tr("Parameters"), parameters_text(model.parameters) if model.parameters else ""),
        (tr("Context length"), tr("{count} tokens", count=count_text(model.context_tokens))
         if model.context_tokens else ""),
        (tr("Languages"), languages_text(model.languages)),
        (tr("Made from"), ", ".join(model.base_models[:MOST_LANGUAGES])),
        (tr("Downloads lately"), count_text(model.downloads)),
        (tr("Published"), day_text(model.published_at)),
        (tr("Changed"), day_text(model.updated_at)),
    ]  # fmt: skip
    return [(title, words) for title, words in told if words]


def languages_text(codes: Sequence[str]) -> str:
    """The languages by their own names, as many as can be taken in; a code that names none stays as it is."""
    words = ", ".join(LANGUAGES.get(code, code) for code in codes[:MOST_LANGUAGES])
    more = len(codes) - MOST_LANGUAGES
    return tr("{languages} and {count} more", languages=words, count=more) if more > 0 else words


def day_text(moment: str) -> str:
    """The day of a moment, as the window's language writes it; "" for none."""
    if not moment:
        return ""
    day = datetime.fromisoformat(moment).date()
    return QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.ShortFormat)
