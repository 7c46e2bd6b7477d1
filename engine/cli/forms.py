"""The form of an answer on the command line: which one, what it prints, and the status that tells scripts."""

import argparse
from pathlib import Path

from engine.cli.printing import Screen
from engine.errors import FileNotReadable, from_os_error
from engine.forms import FREE, Form, FormKind, Judged, Verdict, check

NOT_VALID = 3  # the exit status of an answer that has not the form it was to have
_SENTENCES = {
    Verdict.INVALID: "The answer has not the form that was asked for",
    Verdict.INCOMPLETE: "The answer is not complete",
    Verdict.UNCHECKED: "It is not known whether the answer has its form",
}


def add_form(command: argparse.ArgumentParser) -> None:
    """Declare the ways to ask for a form."""
    forms = command.add_mutually_exclusive_group()
    forms.add_argument("--json-answer", action="store_true", help="have the answer be one JSON object")
    forms.add_argument("--schema", type=Path, metavar="FILE", help="have the answer fit this JSON Schema")
    forms.add_argument(
        "--grammar", type=Path, metavar="FILE", help="have the answer be what this grammar (GBNF) allows"
    )


def form_of(arguments: argparse.Namespace) -> Form:
    """The form that was asked for. Raises `FormNotUsable`, and for the file `FileMissing`, `FileNotReadable`."""
    form = FREE
    if arguments.json_answer:
        form = Form(kind=FormKind.JSON)
    elif arguments.schema is not None:
        form = Form(kind=FormKind.SCHEMA, source=_text(arguments.schema))
    elif arguments.grammar is not None:
        form = Form(kind=FormKind.GRAMMAR, source=_text(arguments.grammar))
    check(form)
    return form


def finish(screen: Screen, form: Form, text: str, judged: Judged) -> int:
    """Print an answer that was to have a form, and nothing else, to standard output; the exit status."""
    if form.kind is FormKind.TEXT:
        return 0
    screen.answer(text, as_json=form.kind is not FormKind.GRAMMAR)
    if judged.verdict is Verdict.VALID:
        return 0
    place = f" at {judged.place}" if judged.place else ""
    sentence = _SENTENCES.get(judged.verdict, _SENTENCES[Verdict.UNCHECKED])
    screen.complain(f"{sentence}: {judged.problem or 'it was stopped'}{place}.", _ADVICE.get(judged.verdict, ""))
    return NOT_VALID


_ADVICE = {
    Verdict.INVALID: "Ask again, or say more in the prompt about what the values are to be.",
    Verdict.INCOMPLETE: "Raise the longest answer in the settings, or ask for less.",
}


def _text(path: Path) -> str:
    from engine.forms.gbnf import MOST_CHARACTERS  # here: every start of the program imports this module

    try:
        with path.expanduser().open(encoding="utf-8-sig") as file:
            return file.read(MOST_CHARACTERS + 1)
    except UnicodeDecodeError:
        raise FileNotReadable(path=str(path), why="it is no text in UTF-8") from None
    except OSError as error:
        raise from_os_error(error, path) from error
