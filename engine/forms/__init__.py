"""The form of an answer: JSON, a JSON Schema, a grammar, and what a model may write in each.

Everything here is plain text, numbers and Python: it opens no file, starts nothing and loads no model. What it reads
may be anybody's, so all of it has limits, and whatever passes one is refused with its place.
"""

from typing import TYPE_CHECKING

from engine.forms.form import FREE, Form, FormKind, Judged, Verdict

if TYPE_CHECKING:
    from engine.forms.network import Network

__all__ = ["FREE", "Form", "FormKind", "Judged", "Verdict", "check", "network_of"]

# What compiles forms is loaded with the first one: every start of the program has the nouns, few need a form.


def check(form: Form) -> tuple[str, ...]:
    """The places of what is checked in the finished answer only. Raises `FormNotUsable`."""
    if form.kind is FormKind.TEXT:
        return ()
    from engine.forms import compiling

    return compiling.left_over(form)


def network_of(form: Form) -> "Network":
    """What an answer of this form is kept to. Raises `FormNotUsable`."""
    from engine.forms import compiling

    return compiling.network_of(form)
