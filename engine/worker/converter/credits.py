"""Whose work a checkpoint is: the licence, the source and what it was made from, as its model card says.

A card begins with lines of YAML between two lines of dashes. Only plain "key: value" and lists of plain values at its
outermost level are read: nothing of it is run, and nothing of it can grow.
"""

import re

import gguf

from engine.worker.converter.sources import Sources

CARD, HUB = "README.md", "https://huggingface.co/"
MOST_LISTED, LONGEST = 64, 300
_ENTRY = re.compile(r"([A-Za-z_]+):\s*(.*)")


def card(text: str) -> dict[str, list[str]]:
    """What stands at the head of a model card."""
    lines = text.lstrip("\ufeff").split("\n")
    if not lines or lines[0].strip() != "---":
        return {}
    found: dict[str, list[str]] = {}
    key = ""
    for line in lines[1:]:
        if line.strip() == "---":
            return found
        entry = _ENTRY.fullmatch(line.rstrip())
        if entry:
            key = entry[1]
            found[key] = [_plain(part) for part in entry[2].strip("[]").split(",") if part.strip()]
        elif key and (item := re.fullmatch(r"\s*-\s+(.+)", line.rstrip())) and ":" not in item[1]:
            found[key].append(_plain(item[1]))
        elif line.strip() and not line.startswith((" ", "-")):
            key = ""  # an entry of another kind, whose lines are not those of the one before
    return {}


def describe(writer: gguf.GGUFWriter, sources: Sources, name: str, repository: str) -> None:
    """Write them down."""
    said = card(sources.text(CARD)) if sources.has(CARD) else {}
    writer.add_name(name)
    for key, add in (("license", writer.add_license), ("license_name", writer.add_license_name),
                     ("license_link", writer.add_license_link)):  # fmt: skip
        if said.get(key):
            add(said[key][0])
    if repository:
        writer.add_source_repo_url(HUB + repository)
    models = [model for model in said.get("base_model", []) if re.fullmatch(r"[\w.-]+/[\w.-]+", model)]
    if models:
        describe_bases(writer, models)
    if said.get("language"):
        writer.add_languages(said["language"][:MOST_LISTED])


def describe_bases(writer: gguf.GGUFWriter, models: list[str]) -> None:
    """What it was made from, by names of the hub."""
    writer.add_base_model_count(len(models[:MOST_LISTED]))
    for number, model in enumerate(models[:MOST_LISTED]):
        writer.add_base_model_name(number, model.rpartition("/")[2])
        writer.add_base_model_organization(number, model.partition("/")[0])
        writer.add_base_model_repo_url(number, HUB + model)


def _plain(text: str) -> str:
    return text.strip().strip("\"'")[:LONGEST]
