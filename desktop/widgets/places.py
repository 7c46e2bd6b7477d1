"""What a place in a document is called on screen: "page 3", "slide 2: Costs", "Rent › Deposit"."""

from desktop.words import later, tr
from engine.types import Place, Spot
from engine.unseen import visible

# One sentence for each kind of place; where it holds no label, a label is set behind it.
SENTENCES: dict[str, str] = {
    "page": later("page {number}"),
    "slide": later("slide {number}"),
    "sheet": later("sheet {label}"),
    "cells": later("cells {label}"),
    "chapter": later("chapter {number}"),
    "message": later("message {number}"),
    "cell": later("cell {number}"),
    "section": "{label}",
    "file": "{label}",
}
SHORT_CHARACTERS = 24


def place_name(place: Place, most: int = 0) -> str:
    """The place in the window's language; its label cut to `most` characters, 0 for all. "" for no place."""
    sentence = SENTENCES.get(place.kind, "{label}")
    label = visible(place.label)
    if most and len(label) > most:
        label = label[: most - 1].rstrip() + "…"
    said = tr(sentence, number=place.number, label=label)
    return tr("{place}: {label}", place=said, label=label) if label and "{label}" not in sentence else said


def ocr_words(confidence: float | None) -> str:
    """That a text was read by OCR, and how sure it is; "" for the document's own text."""
    return "" if confidence is None else tr("read by OCR, {percent} %", percent=round(confidence * 100))


def place_text(spot: Spot) -> str:
    """The file's name, the place in it where there is something to call it by, and that OCR read it."""
    name, place, read = visible(spot.path.name), place_name(spot.place), ocr_words(spot.confidence)
    where = tr("{file}, {place}", file=name, place=place) if place else name
    return f"{where} · {read}" if read else where


def short_place(spot: Spot) -> str:
    """What follows a file's name where there is little room: ", p. 3"; "" for no place."""
    if spot.paged:
        return tr(", p. {page}", page=spot.page)
    place = place_name(spot.place, SHORT_CHARACTERS)
    return tr(", {place}", place=place) if place else ""
