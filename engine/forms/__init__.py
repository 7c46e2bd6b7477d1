"""The form of an answer: JSON, a JSON Schema, a grammar, and what a model may write in each.

Everything here is plain text, numbers and Python: it opens no file, starts nothing and loads no model. What it reads
may be anybody's, so all of it has limits, and whatever passes one is refused with its place.
"""

from engine.forms.compiling import check, network_of
from engine.forms.form import FREE, Form, FormKind, Judged, Verdict

__all__ = ["FREE", "Form", "FormKind", "Judged", "Verdict", "check", "network_of"]
