"""What a model is told of the form: it is kept to it in any case, and writes better when it knows."""

from engine.forms.form import Form, FormKind

MOST_TOLD = 6_000  # characters of a schema; the names in a longer one come from the grammar alone


def told(instructions: str, form: Form) -> str:
    """The instructions with a sentence about the form. A grammar says little to a model: it is not told."""
    if form.kind is FormKind.JSON:
        return f"{instructions}\n\nAnswer with one JSON object and nothing else.".strip()
    if form.kind is FormKind.SCHEMA:
        sentence = "Answer with JSON that fits this JSON Schema and with nothing else"
        schema = f":\n{form.source.strip()}" if len(form.source) <= MOST_TOLD else "."
        return f"{instructions}\n\n{sentence}{schema}".strip()
    return instructions
