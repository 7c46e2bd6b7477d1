"""`hanare models set`: how one model is loaded."""

import argparse
from typing import Any

from engine.cli.printing import Screen, as_json
from engine.cli.wording import inert, size
from engine.declared import About
from engine.engine import Engine
from engine.errors import TextNotAccepted
from engine.loading import DRAFT, OPTIONS, OWN, LoadOptions, fields_of
from engine.types import Model

AS_SET = "default"  # in the place of a value: as the settings have it
NONE = "none"
SWITCHES = {"yes": True, "no": False}


def name_of(option: str) -> str:
    """ "key-cache" for key_cache."""
    return option.replace("_", "-")


DESCRIPTION = (
    f"Options: {', '.join(map(name_of, OPTIONS))}. A value is a number, yes or no, one of the words that are shown, "
    f"or {AS_SET} for what the settings say. draft=MODEL has a small model of the same vocabulary guess ahead, draft="
    f"{NONE} none. The model is loaded so from its next answer on."
)


def run_set(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Set options, if any are given, and print how the model is loaded and what memory that needs."""
    model = engine.models.find(arguments.model)
    values = dict(map(_read, arguments.options))
    if values.get("draft"):
        values["draft"] = _draft(engine, model, values["draft"])
    if values:
        model = engine.models.set_loading(model.id, **values)
    options = engine.models.options(model)
    fit = engine.models.need(model)
    for name, about in OPTIONS.items():
        own = "" if name in model.loading else " (as in the settings)"
        screen.say(f"{name_of(name) + ':':<22}{_shown(about, getattr(options, name))}{own}")
    screen.say(f"{'draft:':<22}{inert(options.draft) or NONE}")
    need = f"{size(fit.need_bytes)} of memory, {size(fit.free_bytes)} free now"
    need += "; it took that much before" if fit.measured else ""
    screen.say(f"{inert(model.name)} so loaded needs {need}.")
    screen.document(_facts(model, options) | {"fit": {**as_json(fit), "fits": fit.fits}})
    return 0


def _read(text: str) -> tuple[str, Any]:
    """One OPTION=VALUE; None stands for what the settings say. Raises `TextNotAccepted`."""
    written, equals, value = text.partition("=")
    name = written.strip().replace("-", "_")
    if not equals or name not in OWN:
        why = f"write OPTION=VALUE, and OPTION is one of {', '.join(map(name_of, OWN))}"
        raise TextNotAccepted(what="An option", value=f"“{text[:40]}”", why=why)
    if value == AS_SET or (name == "draft" and value == NONE):
        return name, None
    default = getattr(LoadOptions(), name)
    if isinstance(default, bool):
        return name, SWITCHES.get(value, value)
    if isinstance(default, int):
        try:
            return name, int(value)
        except ValueError:
            return name, value  # refused by the declaration, in its words
    return name, value


def _draft(engine: Engine, model: Model, text: str) -> str:
    """The file of the model that is to guess ahead. Raises `NotFound`, `TextNotAccepted` where it does not fit."""
    draft = engine.models.find(text)
    if draft.id not in {one.id for one in engine.models.drafts(model)}:
        why = "it needs the same vocabulary and at most half the size"
        raise TextNotAccepted(what=DRAFT.title, value=draft.name, why=why)
    return str(draft.path)


def _shown(about: About, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value}  [{', '.join(about.choices)}]" if about.choices else str(value)


def _facts(model: Model, options: LoadOptions) -> dict[str, Any]:
    return {"model": model.name, "id": model.id, "own": model.loading, "loading": fields_of(options)}
