"""Mails and mailboxes: who wrote to whom about what, the words, and the attachments that can be read.

Formats: RFC 5322, MIME (RFC 2045 to 2049), and mbox as in RFC 4155, with its quoting of "From ".
"""

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser

from engine.errors import DocumentTooLarge, EngineError
from engine.formats import FORMATS, MIB, PlaceKind
from engine.worker.reader.file import File
from engine.worker.reader.text import decode
from engine.worker.reader.unit import Place, Unit, clipped, joined, units
from engine.worker.reader.within import Within

MOST_DEPTH = 8  # of mails forwarded within mails
_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def read_mail(file: File, within: Within) -> Iterator[Unit]:
    """One mail and what is attached to it."""
    yield from _mail(file, within, file.read(), 1)


def read_mailbox(file: File, within: Within) -> Iterator[Unit]:
    """The mails of a mailbox, one after another."""
    number = 0
    for number, raw in enumerate(_mails(file), start=1):
        try:
            yield from _mail(file, within, raw, number)
        except EngineError as error:
            within.left_out(error)
    if not number:
        raise file.damaged(FORMATS["mbox"].called, "no mail begins in it")


# Its own affairs.


def _mails(file: File) -> Iterator[bytes]:
    """The raw mails: each begins after a line that begins with "From ", after an empty line or at the top."""
    most = FORMATS["mail"].most_bytes
    mail: list[bytes] | None = None
    size, empty = 0, True
    with file.open() as opened:
        while line := opened.readline(MIB):
            if empty and line.startswith(b"From "):
                if mail is not None:
                    yield b"".join(mail)
                mail, size, empty = [], 0, False
                continue
            if mail is not None:
                size += len(line)
                if size > most:
                    raise DocumentTooLarge(path=file.name, why=f"a mail in it has more than {most // MIB} MiB")
                mail.append(line)
            empty = line in (b"\n", b"\r\n")
    if mail is not None:
        yield b"".join(mail)


def _mail(file: File, within: Within, raw: bytes, number: int) -> Iterator[Unit]:
    called = FORMATS["mail"].called
    if raw.startswith(b"From "):  # a mail that was taken out of a mailbox
        raw = raw.partition(b"\n")[2]
    try:
        message = BytesParser().parsebytes(_QUOTED.sub(rb"\1", raw))
        if not message.keys():
            raise file.damaged(called, "it has no head, as every mail has")
        yield from _message(file, within, message, Place(0, PlaceKind.MESSAGE, number), 0)
    except RecursionError as error:
        raise file.damaged(called, "its parts are nested too deeply") from error


def _message(file: File, within: Within, message: "Message", place: Place, depth: int) -> Iterator[Unit]:
    """The words of a message below its head, then its attachments, then the messages in it."""
    if depth > MOST_DEPTH:
        within.left_out(DocumentTooLarge(path=file.name, why="mails lie too deep in it"))
        return
    place = place._replace(label=joined((place.label, clipped(_header(message, "Subject")))))
    parts = list(_leaves(message))
    texts = [_words(part, file.name, within) for part in parts if _is_body(part)]
    head = "\n".join(f"{name}: {value}" for name in _SHOWN if (value := _header(message, name)))
    sender = clipped(_header(message, "From"))
    for unit in units("\n\n".join(text for text in (head, *texts) if text.strip()), [place]):
        yield unit._replace(sender=sender)
    for part in parts:
        name = _file_name(part)
        if part.get_content_type() == "message/rfc822":
            for inner in part.get_payload():
                if isinstance(inner, Message):
                    yield from _message(file, within, inner, place, depth + 1)
        elif name and not _is_body(part):
            attached = place._replace(label=joined((place.label, clipped(name))))
            for unit in within.inner(file, name, _raw(part), attached):
                yield unit._replace(sender=unit.sender or sender)  # a mail that is attached has its own


def _leaves(part: "Message") -> Iterator["Message"]:
    """The parts that hold something; of alternatives the plainest."""
    if not part.is_multipart() or part.get_content_type() == "message/rfc822":
        yield part
        return
    inner = [one for one in part.get_payload() if isinstance(one, Message)]
    if part.get_content_type() == "multipart/alternative":
        plain = [one for one in inner if one.get_content_type() == "text/plain" and _raw(one).strip()]
        inner = plain[:1] or inner[-1:]
    for one in inner:
        yield from _leaves(one)


def _is_body(part: "Message") -> bool:
    shown = part.get_content_type() in ("text/plain", "text/html")
    return shown and not _file_name(part) and part.get_content_disposition() != "attachment"


def _words(part: "Message", name: str, within: Within) -> str:
    declared = str(part.get_content_charset() or "")
    if part.get_content_type() == "text/html":
        return within.lines(_raw(part), name, declared)[0].strip()
    text = decode(_raw(part), declared) or ""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _raw(part: "Message") -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _file_name(part: "Message") -> str:
    try:
        return _decoded(part.get_filename() or "").replace("/", "_")
    except (ValueError, LookupError, TypeError):  # a name in an encoding that is none
        return ""


def _header(message: "Message", name: str) -> str:
    """A line of the head, whatever it is written in."""
    values = (value for key, value in message.raw_items() if key.lower() == name.lower())
    return " ".join(_decoded(next(values, "")).split())


def _decoded(value: object) -> str:
    text = _without_halves(str(value))
    try:
        pieces = decode_header(text)
    except HeaderParseError:
        return text
    return "".join(
        piece if isinstance(piece, str) else decode(piece, charset or "") or piece.decode("ascii", "replace")
        for piece, charset in pieces
    )


def _without_halves(text: str) -> str:
    """Bytes that stand in a head as they are come as halves of characters: they are read like any text."""
    raw = text.encode("utf-8", "surrogateescape")
    return decode(raw) or raw.decode("utf-8", "replace")
