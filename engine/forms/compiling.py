"""From a form to the network that an answer is kept to."""

from engine.errors import FormNotUsable
from engine.forms import gbnf, schema
from engine.forms.form import NAMES, Form, FormKind
from engine.forms.network import Network, compiled
from engine.forms.strings import JSON, OBJECT


def grammar_of(form: Form) -> schema.Converted:
    """The grammar of a form that is no free text, and what it leaves to the end. Raises `FormNotUsable`."""
    if form.kind is FormKind.JSON:
        return schema.Converted({gbnf.ROOT: OBJECT, **JSON})
    if not form.source.strip():
        raise FormNotUsable(what=NAMES[form.kind], place="the whole", why="there is nothing in it")
    if form.kind is FormKind.GRAMMAR:
        return schema.Converted(gbnf.read(form.source))
    return schema.converted(schema.read(form.source))


def network_of(form: Form) -> Network:
    """What an answer of this form is kept to. Raises `FormNotUsable`."""
    return compiled(grammar_of(form).grammar, NAMES[form.kind])


def left_over(form: Form) -> tuple[str, ...]:
    """The places of what is checked in the finished answer only. Raises `FormNotUsable`."""
    found = grammar_of(form)
    compiled(found.grammar, NAMES[form.kind])
    return found.afterwards
