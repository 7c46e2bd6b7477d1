"""Which model a new chat begins with. Pure."""

from collections.abc import Iterable, Sequence

from engine.types import Chat, Model


def usual(models: Sequence[Model], chats: Iterable[Chat]) -> Model | None:
    """The model last used in one of `chats`, the latest first; else the newest of the person's own, the guide, any.

    The guide, or a test model, is not what somebody chose who had no other: it counts as last used only where that was
    since the newest of their own came. Its stages never are.
    """
    models = [model for model in models if not model.is_stage]
    here = {model.id: model for model in models}
    newest = max((model for model in models if model.is_own), key=lambda one: (one.added_at, one.id), default=None)
    for chat in chats:
        used = here.get(chat.model_id or 0)
        if used is not None and (used.is_own or newest is None or chat.updated_at > newest.added_at):
            return used
    return newest or next((model for model in models if model.built_in), next(iter(models), None))
