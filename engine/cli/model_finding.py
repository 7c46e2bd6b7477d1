"""`hanare models search|files|recommended`: models that are not here yet."""

import argparse
from typing import Any

from engine.cli import model_token
from engine.cli.model_lines import weights
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import count, inert, size
from engine.engine import Cancel, Engine
from engine.types import (
    HubFound,
    HubKind,
    HubModel,
    HubOffer,
    HubRepository,
    HubSort,
    Outlook,
    Purpose,
    Recommendations,
    Recommended,
    Verdict,
)

PURPOSES = {
    Purpose.CHAT: "chats",
    Purpose.DOCUMENTS: "questions to documents",
    Purpose.JAPANESE: "Japanese",
    Purpose.SEARCH: "searching documents by meaning",
}
VERDICTS = {Verdict.FITS: "fits", Verdict.TIGHT: "tight", Verdict.TOO_BIG: "too big"}
GATES = {"auto": "asks you to accept its terms", "manual": "its owner lets in who asked"}


def add_commands(actions: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands of this family."""
    search = actions.add_parser("search", parents=[shared], help="search the Hugging Face hub for models")
    search.add_argument("words", nargs="+", metavar="WORDS", help="words that stand in a model's name")
    search.add_argument(
        "--sort", choices=[one.value for one in HubSort], default=HubSort.DOWNLOADS.value,
        help="what comes first (default: downloads)",
    )  # fmt: skip
    search.add_argument(
        "--kind", choices=[one.value for one in HubKind], default=HubKind.GGUF.value,
        help="GGUF files, or safetensors of architectures that can be converted (default: gguf)",
    )  # fmt: skip
    model_token.add_options(search, "to find private models")
    search.set_defaults(run=run_search)

    files = actions.add_parser("files", parents=[shared], help="what a repository of the hub is, and which files fit")
    files.add_argument("repository", metavar="REPOSITORY", help="for instance owner/name")
    model_token.add_options(files, "for models that need one")
    files.set_defaults(run=run_files)

    recommended = actions.add_parser("recommended", parents=[shared], help="models that suit this computer")
    recommended.add_argument(
        "--refresh", action="store_true", help="first ask the hub for the files and their sizes; nothing else asks it"
    )
    recommended.set_defaults(run=run_recommended)


def run_search(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Ask the hub, and print what it found."""
    cancel, words = Cancel(), " ".join(arguments.words)
    kind, sort = HubKind(arguments.kind), HubSort(arguments.sort)
    token = model_token.asked_token(engine, arguments, screen)
    searching = engine.finding.search(words, cancel, kind=kind, sort=sort, token=token)
    found: HubFound = carry_out(searching, cancel, screen.follow)
    for model in found.models:
        screen.say(model_line(model))
    if not found.models:
        screen.say("The hub has no such model.")
    if found.left_out:
        screen.aside(f"{count(found.left_out, 'other')} cannot be converted here.")
    if found.models:
        screen.say("Look into one with: hanare models files REPOSITORY")
    screen.document(found)
    return 0


def run_files(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Ask the hub what a repository is, and print it."""
    cancel = Cancel()
    opening = engine.finding.open(arguments.repository, cancel, model_token.asked_token(engine, arguments, screen))
    found: HubRepository = carry_out(opening, cancel, screen.follow)
    screen.heading(found.model.repository)
    for name, value in card_lines(found.model):
        screen.say(f"{name + ':':<18}{inert(value)}")
    for offer in found.offers:
        screen.say(offer_line(offer))
    if not found.offers:
        screen.say("It holds no files of a model that can be used here.")
    if found.left_out:
        screen.aside(f"{count(found.left_out, 'file')} left out, for their names or their number.")
    if any(offer.fetchable for offer in found.offers):
        screen.say(f"Fetch one with: hanare models get {found.model.repository} FILE")
    screen.document(found)
    return 0


def run_recommended(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print what suits this computer, the best first."""
    cancel = Cancel()
    if arguments.refresh:
        told = carry_out(engine.finding.refresh(cancel), cancel, screen.follow)
        screen.say(f"The hub told of {count(told, 'model')}.")
    found: Recommendations = carry_out(engine.finding.recommended(cancel), cancel, screen.follow)
    for one in found.models:
        for line in recommended_lines(one):
            screen.say(line)
    if not found.models:
        screen.say("None of the models of the list fits into this computer's memory.")
    if found.too_big:
        screen.aside(f"Too big for this computer: {', '.join(one.model.name for one in found.too_big)}")
    of = "answers that were written here" if found.measured else "this computer's memory and cores"
    screen.aside(f"Memory and speed are estimates; speed by {of}, without a graphics card.")
    screen.document(as_json(found))
    return 0


def model_line(model: HubModel) -> str:
    """A result in one line."""
    parts = [
        weights(model.parameters).removesuffix(" weights") if model.parameters else "",
        model.architecture, model.licence or "licence not told", GATES.get(model.gated, ""),
        f"{model.downloads:,} downloads", count(model.likes, "like"), model.published_at[:10],
    ]  # fmt: skip
    return inert(f"{model.repository}  ({', '.join(part for part in parts if part)})")


def card_lines(model: HubModel) -> list[tuple[str, str]]:
    """What a repository tells of itself, line by line."""
    told = [
        ("Licence", model.licence or "not told"),
        ("Access", GATES.get(model.gated, "open to everybody")),
        ("Architecture", model.architecture),
        ("Weights", weights(model.parameters).removesuffix(" weights") if model.parameters else ""),
        ("Context length", f"{model.context_tokens:,} tokens" if model.context_tokens else ""),
        ("Languages", ", ".join(model.languages)),
        ("Made from", ", ".join(model.base_models)),
        ("Downloads", f"{model.downloads:,} lately, {count(model.likes, 'like')}"),
        ("Published", f"{model.published_at[:10]}, changed {model.updated_at[:10]}" if model.published_at else ""),
    ]
    return [(name, value) for name, value in told if value]


def offer_line(offer: HubOffer) -> str:
    """A file with its size and whether it would fit."""
    parts = [offer.quantization, size(offer.size_bytes)]
    if offer.parts > 1:
        parts.append(f"{offer.parts} parts" if offer.whole else f"{offer.parts} parts, some of them missing")
    parts.append(outlook_words(offer.outlook) if offer.outlook else "for pictures")
    return inert(f"  {offer.file}  ({', '.join(part for part in parts if part)})")


def outlook_words(seen: Outlook) -> str:
    """Whether it would fit, and how fast it would be, about."""
    words = f"{VERDICTS[seen.verdict]}: about {size(seen.need_bytes)} of memory"
    return f"{words}, about {seen.tokens_per_s:.1f} tokens/s" if seen.tokens_per_s else words


def recommended_lines(one: Recommended) -> list[str]:
    """A recommended model in some lines, and the command that fetches it."""
    best = ", ".join(PURPOSES[purpose] for purpose in one.best_for)
    about = "about " if one.file.about else ""
    here = ", here already" if one.here else ""
    return [
        inert(f"{one.model.name}{f'  [best for {best}]' if best else ''}"),
        f"     {one.model.strengths}",
        inert(
            f"     {one.file.quantization}, {about}{size(one.file.size_bytes)}, {one.model.licence}, "
            f"{outlook_words(one.outlook)}{here}"
        ),
        f"     hanare models get {one.model.repository} {one.file.name}",
    ]
