"""Texts before which an answer ends: matched across the borders of tokens, never shown in part."""

from collections.abc import Sequence


class StopTexts:
    """Lets a growing text through, up to where a stop text begins or may be beginning."""

    def __init__(self, stops: Sequence[str]) -> None:
        """With no `stops` all text goes through at once."""
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.met = False  # whether a stop text has come

    def add(self, text: str) -> str:
        """What may be shown after `text` has come; nothing more once a stop text was met."""
        if not self._stops:
            return text
        if self.met:
            return ""
        self._held += text
        found = [(at + len(stop), at) for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.met = True
            shown, self._held = self._held[: min(found)[1]], ""  # the first to be complete, however the text was cut
            return shown
        keep = max(map(self._begun, self._stops))
        cut = len(self._held) - keep
        shown, self._held = self._held[:cut], self._held[cut:]
        return shown

    def rest(self) -> str:
        """What was held back and is not going to be a stop text, at the end."""
        shown, self._held = self._held, ""
        return shown

    def _begun(self, stop: str) -> int:
        """How many letters at the end of the held text are the beginning of `stop`."""
        most = min(len(stop) - 1, len(self._held))
        return next((size for size in range(most, 0, -1) if self._held.endswith(stop[:size])), 0)
