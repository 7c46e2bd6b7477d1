"""`hanare models measure`: what a smaller model lost against the one it was made from, and what it saves."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cli.arguments import at_least_one
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import count, inert, size
from engine.engine import Cancel, Engine
from engine.types import Cost, CostText, TextOf

ABOUT = (
    "Both models read the same text, and what they expect at each place of it is compared. Figures are kept, and "
    "nothing of the text. It is read in pieces of 512 tokens, of each of which the second half counts."
)
DEFAULT = CostText()


def add_commands(actions: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    measure = actions.add_parser(
        "measure", parents=[shared], help="what a smaller model lost against the larger one, and what it saves",
        description=ABOUT,
    )  # fmt: skip
    measure.add_argument("model", metavar="MODEL", help="the smaller one: name, number or path")
    measure.add_argument("--against", metavar="MODEL", help="the larger one (default: what it was made from)")
    texts = measure.add_mutually_exclusive_group()
    texts.add_argument("--text", type=Path, metavar="FILE", help="with the text of a document (default: a sample)")
    texts.add_argument("--collection", metavar="NAME", help="with the documents of a collection")
    texts.add_argument("--documents", action="store_true", help="with all your documents")
    texts.add_argument("--chats", action="store_true", help="with your chats")
    measure.add_argument(
        "--chunks", type=at_least_one, default=DEFAULT.chunks, metavar="N",
        help=f"read at most N pieces of 512 tokens (default: {DEFAULT.chunks})",
    )  # fmt: skip
    measure.set_defaults(run=run_measure)


def run_measure(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Measure, and say what came of it."""
    model = engine.models.find(arguments.model)
    against = engine.models.find(arguments.against).id if arguments.against else None
    cancel, text = Cancel(), _text(engine, arguments)
    work = engine.measuring.measure(model.id, cancel, against_id=against, text=text)
    cost = carry_out(work, cancel, screen.follow)
    screen.say(sentence(cost))
    for line in _lines(cost):
        screen.say(line)
    screen.document(as_json(cost) | {"share": cost.share})
    return 0


def sentence(cost: Cost) -> str:
    """What it comes to, for a person."""
    return (
        f"At {cost.share:.2f} of the size of {inert(cost.large.name)}, {inert(cost.small.name)} chooses the same word "
        f"{cost.same_in_100} times in 100."
    )


def _lines(cost: Cost) -> list[str]:
    small, large = cost.small, cost.large
    rows = (
        ("size", size(small.size_bytes), size(large.size_bytes)),
        ("memory in a chat", size(small.memory_bytes), size(large.memory_bytes)),
        ("reads", f"{small.reading_per_s:.1f} tokens/s", f"{large.reading_per_s:.1f} tokens/s"),
        ("writes", f"{small.writing_per_s:.1f} tokens/s", f"{large.writing_per_s:.1f} tokens/s"),
        ("perplexity", f"{small.perplexity:.4g}", f"{large.perplexity:.4g}"),
    )
    return [
        *(f"  {name:<18} {ours:>16}   against {theirs}" for name, ours, theirs in rows),
        f"  {'KL divergence':<18} {cost.divergence:>16.6f}   99 of 100 places stay below {cost.divergence_99:.6f}",
        f"  Measured with {inert(cost.text)}: {count(cost.words, 'place')} in {count(cost.chunks, 'piece')}.",
    ]


def _text(engine: Engine, arguments: argparse.Namespace) -> CostText:
    wish = CostText(chunks=arguments.chunks)
    if arguments.text is not None:
        return replace(wish, text=TextOf.FILE, path=arguments.text.expanduser().absolute())
    if arguments.collection is not None:
        found = engine.documents.collections.find(arguments.collection)
        return replace(wish, text=TextOf.COLLECTION, collection=found.id)
    if arguments.documents or arguments.chats:
        return replace(wish, text=TextOf.CHATS if arguments.chats else TextOf.DOCUMENTS)
    return wish
