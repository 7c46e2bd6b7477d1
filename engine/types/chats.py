"""Chats and the turns in them, as they are kept."""

from dataclasses import dataclass

from engine.context import Context, WhenFull
from engine.forms import FREE, Form, FormKind, Judged
from engine.types.answers import MessageState, Role, Speed
from engine.types.documents import Refusal, Source
from engine.types.pictures import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn. Turns form a tree: editing or regenerating adds a sibling, nothing is lost.

    `version` counts from 1 among the `versions` siblings under the same parent. `sources` are the passages given.
    Where an answer was `refused`, the text is empty; what was written is `withheld`, and `sources` are what was found.
    """

    id: int
    chat_id: int
    parent_id: int | None
    role: Role
    text: str
    state: MessageState = MessageState.COMPLETE
    model: str = ""
    created_at: str = ""
    version: int = 1
    versions: int = 1
    speed: Speed | None = None
    sources: tuple[Source, ...] = ()
    note: str = ""  # why it failed or was cut, in one sentence
    thoughts: str = ""
    thinking_s: float = 0.0
    context: Context | None = None  # what entered the answer
    pictures: tuple[Picture, ...] = ()  # shown with the text; without their data
    form: FormKind = FormKind.TEXT  # what the answer was to be
    judged: Judged = Judged()  # and whether it is
    refused: Refusal | None = None  # only what the passages support was to be answered
    withheld: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One conversation. `deleted_at` is set while it lies in the trash; a temporary one has an id below zero."""

    id: int
    title: str
    created_at: str
    updated_at: str
    model_id: int | None = None
    deleted_at: str | None = None
    when_full: WhenFull | None = None  # None: as the settings say
    form: Form = FREE  # of the answers to come
    thinking: bool | None = None  # whether models think first; None: as the settings say


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStates:
    """Of how many chats it is kept what models have read of them, and how many bytes that is."""

    chats: int = 0
    size_bytes: int = 0
