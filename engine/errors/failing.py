"""What every error of ours is: a sentence and its facts. The errors themselves are in `engine.errors`."""

from typing import Any, ClassVar


class Cancelled(Exception):
    """The person asked to stop. Not an error: never logged, never shown."""


class EngineError(Exception):
    """The base of everything below. Facts are keyword arguments and become attributes."""

    sentence: ClassVar[str] = ""

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.sentence.format(**facts))

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def code(self) -> str:
        """The name by which this error crosses a process border."""
        return type(self).__name__
