"""`hanare models quantize|importance`: a smaller model from a larger one, and which of its weights a text uses."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from engine.cli.arguments import at_least_one
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import inert, size
from engine.engine import Cancel, Engine
from engine.errors import TextNotAccepted
from engine.quantizations import QUANTIZATIONS, RECOMMENDED, TENSOR_FORMS, MatrixUse, Recipe
from engine.types import Importance, Model, PreviewedSize, TextOf

ABOUT = (
    "Without a TYPE it says what the model would take in each, and when to take which. The new model is added; the one "
    f"it is made from stays as it is. Forms of single tensors: {', '.join(TENSOR_FORMS)}."
)
PRUNING = "A model without these layers loads and answers, and mostly worse: it was not trained to do without them."
MATRIX_WORDS = {
    MatrixUse.NEEDED: "needs an importance matrix", MatrixUse.HELPS: "better with an importance matrix",
    MatrixUse.UNUSED: "",
}  # fmt: skip


def add_commands(actions: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    quantize = actions.add_parser("quantize", parents=[shared], help="make a smaller model of one", description=ABOUT)
    quantize.add_argument("model", metavar="MODEL", help="name, number or path")
    quantize.add_argument("type", nargs="?", metavar="TYPE", help="for instance Q4_K_M; none shows them all")
    quantize.add_argument(
        "--output", type=Path, metavar="FILE", help="where it is written (default: our models folder)"
    )
    quantize.add_argument(
        "--tensor", action="append", default=[], metavar="PATTERN=FORM",
        help="keep tensors whose names hold this regular expression in a form of their own; can be given again",
    )  # fmt: skip
    quantize.add_argument("--output-tensor", default="", metavar="FORM", help="the form of the tensor that makes words")
    quantize.add_argument("--embedding", default="", metavar="FORM", help="the form of the tensor that looks words up")
    quantize.add_argument("--prune", default="", metavar="N,N…", help=f"leave layers out, counted from 0. {PRUNING}")
    quantize.add_argument(
        "--again", action="store_true", help="also from a model that is quantized already; it loses twice"
    )
    importance = quantize.add_mutually_exclusive_group()
    importance.add_argument("--matrix", type=Path, metavar="FILE", help="an importance matrix that is there already")
    _add_texts(importance, quantize)
    quantize.set_defaults(run=run_quantize)

    measure = actions.add_parser(
        "importance", parents=[shared], help="measure which of a model's weights a text uses, and keep that in a file"
    )
    measure.add_argument("model", metavar="MODEL", help="name, number or path")
    measure.add_argument("--output", type=Path, metavar="FILE", required=True, help="where it is kept, as GGUF")
    _add_texts(measure.add_mutually_exclusive_group(required=True), measure)
    measure.set_defaults(run=run_importance)


def run_quantize(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Make the model, or say what it would take in each form."""
    model, importance = engine.models.find(arguments.model), _importance(engine, arguments)
    recipe = _recipe(arguments)
    if recipe is None:
        return _show_sizes(engine, model, _wishes(arguments), screen, weighed=importance is not None)
    if recipe.pruned:
        screen.complain(PRUNING)
    cancel = Cancel()
    work = engine.quantizing.quantize(
        model.id, recipe, cancel, importance=importance, to=arguments.output and arguments.output.absolute()
    )
    made = carry_out(work, cancel, screen.follow)
    screen.say(f"Made: {inert(made.name)} ({made.facts.quantization}, {size(made.facts.size_bytes)}), from "
               f"{inert(model.name)} ({size(model.facts.size_bytes)})")  # fmt: skip
    screen.document(as_json(made))
    return 0


def run_importance(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Measure, and keep what came of it."""
    model, wish = engine.models.find(arguments.model), _importance(engine, arguments)
    assert wish is not None
    cancel, path = Cancel(), arguments.output.expanduser().absolute()
    chunks = carry_out(engine.quantizing.measure(model.id, wish, path, cancel), cancel, screen.follow)
    screen.say(f"Measured with {chunks} pieces of text: {inert(str(path))}")
    screen.document({"model": model.id, "path": str(path), "chunks": chunks})
    return 0


def _show_sizes(engine: Engine, model: Model, wishes: Recipe, screen: Screen, *, weighed: bool) -> int:
    cancel = Cancel()
    sizes = carry_out(engine.quantizing.preview(model.id, cancel, wishes, weighed=weighed), cancel, screen.follow)
    screen.say(f"{inert(model.name)} takes {size(model.facts.size_bytes)} now, as {model.facts.quantization}.")
    for previewed in sizes:
        mark = "*" if previewed.quantization in RECOMMENDED else " "
        screen.say(f"{mark} {previewed.quantization:<8} {_size_words(previewed):>9}  {_advice(previewed)}")
    screen.say("* Look at these first. Make one with: hanare models quantize MODEL TYPE")
    screen.document({"model": model.id, "sizes": [
        asdict(previewed) | {"bits": known.bits, "matrix": known.matrix.value, "advice": known.advice}
        for previewed in sizes for known in [QUANTIZATIONS[previewed.quantization]]
    ]})  # fmt: skip
    return 0


def _size_words(previewed: PreviewedSize) -> str:
    return size(previewed.size_bytes) if previewed.size_bytes else "–"


def _advice(previewed: PreviewedSize) -> str:
    known = QUANTIZATIONS[previewed.quantization]
    if not previewed.size_bytes:
        return f"llama.cpp cannot make it: {previewed.why}"
    use = MatrixUse.NEEDED if previewed.needs_matrix else known.matrix
    words = f"{known.advice} ({MATRIX_WORDS[use]})" if MATRIX_WORDS[use] else known.advice
    if previewed.otherwise:
        words += f" {previewed.otherwise} of its tensors do not fit this form and are kept in a larger one."
    return words


def _add_texts(group: Any, parser: argparse.ArgumentParser) -> None:
    group.add_argument("--text", type=Path, metavar="FILE", help="measure with the text of a document")
    group.add_argument("--collection", metavar="NAME", help="measure with the documents of a collection")
    group.add_argument("--documents", action="store_true", help="measure with all your documents")
    group.add_argument("--chats", action="store_true", help="measure with your chats")
    parser.add_argument(
        "--chunks", type=at_least_one, default=Importance().chunks, metavar="N",
        help=f"read at most N pieces of 512 tokens (default: {Importance().chunks})",
    )  # fmt: skip


def _importance(engine: Engine, arguments: argparse.Namespace) -> Importance | None:
    """Where the importance matrix comes from; None where there is none."""
    wish = Importance(chunks=arguments.chunks)
    if getattr(arguments, "matrix", None) is not None:
        return replace(wish, path=arguments.matrix.expanduser().absolute())
    if arguments.text is not None:
        return replace(wish, text=TextOf.FILE, path=arguments.text.expanduser().absolute())
    if arguments.collection is not None:
        found = engine.documents.collections.find(arguments.collection)
        return replace(wish, text=TextOf.COLLECTION, collection=found.id)
    if arguments.documents or arguments.chats:
        return replace(wish, text=TextOf.CHATS if arguments.chats else TextOf.DOCUMENTS)
    return None


def _recipe(arguments: argparse.Namespace) -> Recipe | None:
    """What is wished for; None where no quantization is named."""
    if arguments.type is None:
        return None
    return replace(_wishes(arguments), quantization=arguments.type.upper())


def _wishes(arguments: argparse.Namespace) -> Recipe:
    return Recipe(
        tensors=tuple(map(_override, arguments.tensor)), output=arguments.output_tensor.lower(),
        embedding=arguments.embedding.lower(), pruned=_layers(arguments.prune), again=arguments.again,
    )  # fmt: skip


def _override(text: str) -> tuple[str, str]:
    pattern, equals, form = text.rpartition("=")
    if not equals:
        raise TextNotAccepted(what="An override", value=text[:40], why="it is written PATTERN=FORM")
    return pattern, form.lower()


def _layers(text: str) -> tuple[int, ...]:
    words: Sequence[str] = [word.strip() for word in text.split(",") if word.strip()]
    if not all(word.isascii() and word.isdecimal() and len(word) < 6 for word in words):
        raise TextNotAccepted(what="Layers to leave out", value=text[:40], why="write their numbers, as in 3,4,5")
    return tuple(sorted({int(word) for word in words}))
