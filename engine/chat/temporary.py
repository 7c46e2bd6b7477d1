"""Temporary chats: the same rows as `engine.store.chats`, in this process's memory and nowhere else.

Their ids are below zero, so that no id of the store can be meant. They are gone with the program.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace

from engine.context import Context, WhenFull
from engine.errors import NotFound
from engine.forms import Form, FormKind, Judged
from engine.store.values import now
from engine.types import Chat, Message, MessageState, Picture, Refusal, Role, Source, Speed


class TemporaryRows:
    """Reads and keeps `Chat` and `Message`. Every method from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._chats: dict[int, Chat] = {}
        self._named: set[int] = set()
        self._leaves: dict[int, int | None] = {}
        self._messages: dict[int, Message] = {}
        self._last = 0

    # Chats.

    def all(self) -> tuple[Chat, ...]:
        """Every chat that is not in the trash, the latest first."""
        return self._those(trash=False)

    def trash(self) -> tuple[Chat, ...]:
        """The chats in the trash, the last deleted first."""
        return self._those(trash=True)

    def get(self, chat_id: int) -> Chat:
        """One chat, in the trash or not. Raises `NotFound`."""
        with self._lock:
            if chat_id not in self._chats:
                raise NotFound(what="chat", which=chat_id)
            return self._chats[chat_id]

    def add(self, title: str) -> Chat:
        """Begin a chat."""
        with self._lock:
            moment = now()
            chat = Chat(id=self._next(), title=title, created_at=moment, updated_at=moment)
            self._chats[chat.id], self._leaves[chat.id] = chat, None
            return chat

    def rename(self, chat_id: int, title: str) -> None:
        """Give the title the person chose. Raises `NotFound`."""
        with self._lock:
            self._chats[chat_id] = replace(self.get(chat_id), title=title)
            self._named.add(chat_id)

    def suggest_title(self, chat_id: int, title: str) -> None:
        """Give a title unless the person chose one."""
        with self._lock:
            if chat_id not in self._named:
                self._chats[chat_id] = replace(self.get(chat_id), title=title)

    def use_model(self, chat_id: int, model_id: int | None) -> None:
        """Remember which model the chat was last answered by. Raises `NotFound`."""
        with self._lock:
            self._chats[chat_id] = replace(self.get(chat_id), model_id=model_id)

    def set_when_full(self, chat_id: int, when_full: WhenFull | None) -> None:
        """What is done in this chat when it outgrows the context; None: as the settings say. Raises `NotFound`."""
        with self._lock:
            self._chats[chat_id] = replace(self.get(chat_id), when_full=when_full)

    def set_form(self, chat_id: int, form: Form) -> None:
        """The form of this chat's answers from now on. Raises `NotFound`."""
        with self._lock:
            self._chats[chat_id] = replace(self.get(chat_id), form=form)

    def set_thinking(self, chat_id: int, thinking: bool | None) -> None:
        """Whether models think first in this chat; None: as the settings say. Raises `NotFound`."""
        with self._lock:
            self._chats[chat_id] = replace(self.get(chat_id), thinking=thinking)

    def delete(self, chat_id: int) -> None:
        """Put a chat in the trash. Raises `NotFound`."""
        with self._lock:
            self._chats[chat_id] = replace(self.get(chat_id), deleted_at=now())

    def restore(self, chat_id: int) -> None:
        """Take a chat out of the trash. Raises `NotFound`."""
        with self._lock:
            self._chats[chat_id] = replace(self.get(chat_id), deleted_at=None)

    def purge(self, chat_id: int) -> None:
        """Forget a chat and its messages. Raises `NotFound`."""
        with self._lock:
            self.get(chat_id)
            del self._chats[chat_id], self._leaves[chat_id]
            self._messages = {id_: each for id_, each in self._messages.items() if each.chat_id != chat_id}

    # Messages.

    def messages(self, chat_id: int) -> tuple[Message, ...]:
        """The branch on show, from the first message to the last. Raises `NotFound`."""
        with self._lock:
            self.get(chat_id)
            return self.branch(self._leaves[chat_id])

    def branch(self, last_id: int | None) -> tuple[Message, ...]:
        """The messages that led to `last_id`, from the first to that one."""
        with self._lock:
            found: list[Message] = []
            while last_id is not None:
                found.append(self.message(last_id))
                last_id = found[-1].parent_id
            return tuple(reversed(found))

    def message(self, message_id: int) -> Message:
        """One message. Raises `NotFound`."""
        for message in self.versions(message_id):
            if message.id == message_id:
                return message
        raise NotFound(what="message", which=message_id)

    def versions(self, message_id: int) -> tuple[Message, ...]:
        """A message and its siblings, the oldest first."""
        with self._lock:
            one = self._messages.get(message_id)
            if one is None:
                return ()
            several = [
                each
                for each in self._messages.values()  # in the order they came
                if each.parent_id == one.parent_id and each.chat_id == one.chat_id
            ]
            return tuple(replace(each, version=at, versions=len(several)) for at, each in enumerate(several, start=1))

    def children(self, message_id: int) -> tuple[Message, ...]:
        """What follows directly on a message, the oldest first."""
        with self._lock:
            first = next((each.id for each in self._messages.values() if each.parent_id == message_id), None)
            return self.versions(first) if first is not None else ()

    def add_message(
        self,
        chat_id: int,
        parent_id: int | None,
        role: Role,
        text: str,
        *,
        state: MessageState = MessageState.COMPLETE,
        model: str = "",
        sources: Sequence[Source] = (),
        pictures: Sequence[Picture] = (),
        refused: Refusal | None = None,
        withheld: str = "",
        context: Context | None = None,
    ) -> Message:
        """Keep a message under `parent_id` and show the branch that ends with it. Raises `NotFound`."""
        with self._lock:
            moment = now()
            self._chats[chat_id] = replace(self.get(chat_id), updated_at=moment)
            message = Message(
                id=self._next(), chat_id=chat_id, parent_id=parent_id, role=role, text=text, state=state, model=model,
                created_at=moment, sources=tuple(sources), refused=refused, withheld=withheld, context=context,
                pictures=tuple(replace(picture, id=self._next()) for picture in pictures),
            )  # fmt: skip
            self._messages[message.id] = message
            self._leaves[chat_id] = message.id
            return self.message(message.id)

    def picture_data(self, picture_id: int) -> bytes:
        """The bytes of a picture. Raises `NotFound`."""
        with self._lock:
            for message in self._messages.values():
                for picture in message.pictures:
                    if picture.id == picture_id:
                        return picture.data
        raise NotFound(what="picture", which=picture_id)

    def write_text(self, message_id: int, text: str, thoughts: str = "", *, withheld: bool = False) -> None:
        """Keep what there is of an answer that is still being written, as `withheld` until it is checked.

        Raises `NotFound`.
        """
        with self._lock:
            message = replace(self.message(message_id), thoughts=thoughts)
            self._messages[message_id] = (
                replace(message, withheld=text) if withheld else replace(message, text=text)
            )  # fmt: skip

    def finish_message(
        self,
        message_id: int,
        text: str,
        state: MessageState,
        *,
        speed: Speed | None = None,
        sources: Sequence[Source] = (),
        note: str = "",
        thoughts: str = "",
        thinking_s: float = 0.0,
        context: Context | None = None,
        form: FormKind = FormKind.TEXT,
        judged: Judged = Judged(),  # noqa: B008 - a frozen value
        refused: Refusal | None = None,
        withheld: str = "",
    ) -> Message:
        """Keep how an answer ended. Raises `NotFound`."""
        with self._lock:
            self._messages[message_id] = replace(
                self.message(message_id), text=text, state=state, speed=speed, sources=tuple(sources), note=note,
                thoughts=thoughts, thinking_s=thinking_s, context=context, form=form, judged=judged,
                refused=refused, withheld=withheld,
            )  # fmt: skip
            return self.message(message_id)

    def show_version(self, message_id: int) -> None:
        """Show the branch that goes through a message, down to its newest end. Raises `NotFound`."""
        with self._lock:
            leaf = self.message(message_id)
            while children := self.children(leaf.id):
                leaf = children[-1]
            self._leaves[leaf.chat_id] = leaf.id

    # Its own affairs.

    def _those(self, trash: bool) -> tuple[Chat, ...]:
        with self._lock:
            found = [chat for chat in self._chats.values() if (chat.deleted_at is not None) is trash]
        return tuple(sorted(found, key=lambda chat: chat.deleted_at or chat.updated_at, reverse=True))

    def _next(self) -> int:
        self._last -= 1
        return self._last
