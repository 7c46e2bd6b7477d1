"""What can go wrong between a question and its answer."""

from engine.errors.failing import EngineError


class ModelNotForChat(EngineError):
    """The file is well, but is no model to chat with."""

    sentence = "{path} cannot be chatted with: {why}."


class GuideOnlyQuotes(EngineError):
    """The built-in guide was to write from documents: in a form, or from all of them."""

    sentence = "{model} writes nothing of its own from your documents: it only quotes them."


class AnswerNotGoneOnWith(EngineError):
    """The template of the model has no place for the beginning of an answer."""

    sentence = "{model} cannot go on with an answer from its very words: its chat template has no place for them."


class ModelCannotSee(EngineError):
    """A picture was shown to a model that has no projector."""

    sentence = "{model} cannot see pictures."


class PictureNotUsable(EngineError):
    """A file, or what was pasted, that is no picture, or one that is not taken in; or a model that cannot take it."""

    sentence = "{picture} cannot be used: {why}."


class NoModel(EngineError):
    """There is no model to chat with."""

    sentence = "There is no model to chat with yet."


class ModelKeepsFailing(EngineError):
    """The file ended its process again and again; it is left alone until the next start."""

    sentence = "{model} made its process stop {times} times, so it is not tried again until Hanare is restarted."


class PromptTooLong(EngineError):
    """The prompt does not fit the model's context."""

    sentence = "The prompt has {tokens} tokens and the model holds {context_tokens}."


class ContextFull(EngineError):
    """The chat has outgrown the model's context, and the person wants nothing left out."""

    sentence = "This chat has {tokens} tokens by now and the model has room for {room} before its answer."


class FormNotUsable(EngineError):
    """A JSON Schema or a grammar that cannot guide an answer; `place` is where in it."""

    sentence = "The {what} cannot be used: {why} ({place})."


class TextNotAccepted(EngineError):
    """A request with values outside their limits."""

    sentence = "{what} cannot be {value}: {why}."


class StateNotUsable(EngineError):
    """What was kept of a chat, so that it need not be read again, is of no use. Nothing else is lost."""

    sentence = "This chat was read again from its beginning, because what was kept of it could not be used: {why}."


class CheckerNotUsable(EngineError):
    """The model that checks answers is gone or is none; answers are checked without it."""

    sentence = "The model that checks answers could not be used: {why}."
