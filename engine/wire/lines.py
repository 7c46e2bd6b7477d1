"""A message as one line, and back. Bytes that a message carries follow its line as they are."""

import dataclasses
import json
from types import ModuleType
from typing import IO, Any

from engine.typed import Check, check_of, checked, no_number
from engine.wire import encoded, fetching, page_reports, quantizer_reports, reports, requests
from engine.wire.encoded import Classified, Embedded, Reranked
from engine.wire.envelope import LINE_BYTES, MOST_CARRIED_BYTES, Message, WireError
from engine.wire.fetching import Fetched, FilesFound, HubSearched, RepositoryDescribed
from engine.wire.page_reports import (
    DocumentRead,
    Drawn,
    OcrFound,
    PictureTaken,
    Recognized,
)
from engine.wire.quantizer_reports import Converted, CostMeasured, ImportanceMeasured, Quantized, SizesPreviewed
from engine.wire.reports import (
    Done,
    Failed,
    KeychainAnswered,
    Loaded,
    Measured,
    ModelsMade,
    Scored,
    StateHeld,
    StateTaken,
)  # fmt: skip


def _kinds(module: ModuleType) -> dict[str, type[Message]]:
    """The messages that a module declares, by their names."""
    return {
        name: kind
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, Message) and kind.__module__ == module.__name__
    }


REQUESTS = _kinds(requests)
REPORTS = (
    _kinds(reports) | _kinds(page_reports) | _kinds(encoded) | _kinds(fetching) | _kinds(quantizer_reports)
)  # fmt: skip
FINAL: frozenset[type[Message]] = frozenset(
    {
        Loaded,
        Done,
        Measured,
        Scored,
        StateHeld,
        StateTaken,
        Embedded,
        Reranked,
        Classified,
        DocumentRead,
        Drawn,
        PictureTaken,
        OcrFound,
        Recognized,
        Fetched,
        FilesFound,
        HubSearched,
        RepositoryDescribed,
        ModelsMade,
        SizesPreviewed,
        Quantized,
        ImportanceMeasured,
        CostMeasured,
        Converted,
        KeychainAnswered,
        Failed,
    }  # fmt: skip
)  # after one of these a job says nothing more
_KINDS = {*REQUESTS.values(), *REPORTS.values()}
_FIELDS: dict[type[Message], dict[str, Check]] = {
    kind: {item.name: check_of(item.type) for item in dataclasses.fields(kind)} for kind in _KINDS
}  # what each field must be; asking a dataclass each time is slow

_CARRIED = {
    kind: item.name for kind in _KINDS for item in dataclasses.fields(kind) if item.type is bytes
}  # the field, at most one of a kind, whose bytes follow the line

# made once: `json.dumps` and `json.loads` would make such an encoder, or decoder, for each message
_TO_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_FROM_JSON = json.JSONDecoder(parse_constant=no_number).decode


def line(message: Message) -> bytes:
    """One message as one line, line feed included, and the bytes that it carries."""
    kind = type(message)
    fields = {name: getattr(message, name) for name in _FIELDS[kind]}
    carried = b""
    if kind in _CARRIED:
        carried = fields[_CARRIED[kind]]
        fields[_CARRIED[kind]] = len(carried)
    return _TO_JSON({"kind": kind.__name__, **fields}).encode("ascii") + b"\n" + carried


def message(raw: bytes, kinds: dict[str, type[Message]]) -> Message:
    """The message in one line and what follows it. Raises `WireError` for anything that is not one of `kinds`."""
    end = raw.find(b"\n") + 1 or len(raw)
    made, size = _read(raw[:end], kinds)
    return made if size is None else _carrying(made, raw[end:], size)


def received(stream: IO[bytes], kinds: dict[str, type[Message]]) -> tuple[Message, int] | None:
    """The next message of a stream and how many bytes it took; None at the end. Raises as `message`."""
    raw = stream.readline(LINE_BYTES)
    if not raw:
        return None
    made, size = _read(raw, kinds)
    if size is None:
        return made, len(raw)
    return _carrying(made, stream.read(size), size), len(raw) + size


def _read(raw: bytes, kinds: dict[str, type[Message]]) -> tuple[Message, int | None]:
    """The message in a line, and how many bytes it carries, which are still to come; None where it carries none."""
    try:
        fields = _FROM_JSON(raw.decode())
        kind = kinds[fields.pop("kind")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(f"not a message: {raw[:80]!r}") from error
    known, carried = _FIELDS[kind], _CARRIED.get(kind)
    try:
        if carried is None:
            return kind(**{name: known[name](value) for name, value in fields.items() if name in known}), None
        size = checked(int, fields.pop(carried, None))
        if not 0 <= size <= MOST_CARRIED_BYTES:
            raise ValueError(size)
        values = {name: known[name](value) for name, value in fields.items() if name in known}
        values[carried] = b""
        return kind(**values), size
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"not a {kind.__name__}: {raw[:80]!r}") from error


def _carrying(made: Message, carried: bytes, size: int) -> Message:
    if len(carried) != size:
        raise WireError(f"a {type(made).__name__} with {len(carried)} bytes in place of {size}")
    values: dict[str, Any] = {_CARRIED[type(made)]: carried}
    return dataclasses.replace(made, **values)
