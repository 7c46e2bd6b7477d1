"""`hanare models convert`: a model or an adapter out of a folder of safetensors."""

import argparse
from pathlib import Path
from typing import Any

from engine.cli.model_lines import model_facts
from engine.cli.printing import Screen, carry_out
from engine.cli.wording import inert, size
from engine.engine import Cancel, Engine
from engine.quantizations import CONVERTED_FORMS

ABOUT = (
    "The folder holds a model as it is published for training: config.json, tokenizer.json and files of safetensors, "
    "of the Llama, SmolLM, Qwen 2, Qwen 3, Gemma 2 or Gemma 3 family; or a LoRA adapter for one of them as PEFT "
    "writes it. The new model is added; the folder stays as it is, unless --delete-download is given."
)


def add_commands(actions: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    convert = actions.add_parser(
        "convert", parents=[shared], help="make a GGUF file of a folder of safetensors", description=ABOUT
    )
    convert.add_argument("folder", type=Path, metavar="FOLDER")
    convert.add_argument(
        "--type",
        default="",
        metavar="FORM",
        type=str.upper,
        help=f"{', '.join(CONVERTED_FORMS)}; default: as its weights are",
    )
    convert.add_argument("--base", metavar="MODEL", help="for an adapter: the model that it was trained for")
    convert.add_argument(
        "--delete-download", action="store_true", help="then delete the folder, where it was fetched with `models get`"
    )
    convert.add_argument("--output", type=Path, metavar="FILE", help="where it is written (default: our models folder)")
    convert.set_defaults(run=run_convert)


def run_convert(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Convert, and say what came of it."""
    cancel = Cancel()
    base_id = engine.models.find(arguments.base).id if arguments.base is not None else None
    work = engine.converting.convert(
        arguments.folder.absolute(), cancel, form=arguments.type, base_id=base_id,
        to=arguments.output and arguments.output.absolute(), deletes=arguments.delete_download,
    )  # fmt: skip
    made = carry_out(work, cancel, screen.follow)
    screen.say(f"Converted: {inert(made.name)} ({made.facts.quantization}, {size(made.facts.size_bytes)})")
    if made.facts.use == "adapter":
        screen.say(f"Have it work on its model with: hanare models attach MODEL {made.id}")
    else:
        screen.say(f"Make a smaller one of it with: hanare models quantize {made.id} TYPE")
    screen.document(model_facts(made))
    return 0
