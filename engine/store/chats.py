"""Chats and their messages, as rows.

The messages of a chat form a tree; `leaf_id` names the end of the branch on show. Nothing a
person or a model wrote is ever overwritten by a new version: versions are siblings.
"""

from collections.abc import Sequence
from typing import Any

from engine.context import Context, WhenFull
from engine.errors import NotFound
from engine.forms import Form, FormKind, Judged
from engine.store import pictures as pictures_of
from engine.store.database import Database
from engine.store.pictures import PictureRows
from engine.store.values import (
    as_json,
    context_as_json,
    context_from_json,
    form_as_json,
    form_from_json,
    from_json,
    judged_as_json,
    judged_from_json,
    now,
    several_from_json,
)
from engine.store.vault import Vault
from engine.types import Chat, Message, MessageState, Picture, Refusal, Role, Source, Speed

INTERRUPTED = "The program ended while this was being written."

_BRANCH = """
WITH RECURSIVE branch(id, depth) AS (
    SELECT :last, 0
    UNION ALL
    SELECT message.parent_id, depth + 1 FROM message JOIN branch ON message.id = branch.id
    WHERE message.parent_id IS NOT NULL
)
SELECT message.*,
    (SELECT count(*) FROM message AS other WHERE other.chat_id = message.chat_id
        AND other.parent_id IS message.parent_id) AS versions,
    (SELECT count(*) FROM message AS other WHERE other.chat_id = message.chat_id
        AND other.parent_id IS message.parent_id AND other.id <= message.id) AS version
FROM branch JOIN message ON message.id = branch.id ORDER BY branch.depth DESC"""
_SIBLINGS = """
SELECT other.*, row_number() OVER (ORDER BY other.id) AS version, count(*) OVER () AS versions
FROM message JOIN message AS other ON other.chat_id = message.chat_id AND other.parent_id IS message.parent_id
WHERE message.id = ? ORDER BY other.id"""
_NEWEST_BELOW = """
WITH RECURSIVE down(id) AS (
    SELECT :message
    UNION ALL
    SELECT (SELECT max(message.id) FROM message WHERE message.parent_id = down.id) FROM down WHERE down.id IS NOT NULL
)
SELECT max(id) AS leaf FROM down"""  # a child is always younger than its parent


class ChatRows:
    """Reads and keeps `Chat` and `Message`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._pictures = PictureRows(vault)

    # Chats.

    def all(self) -> tuple[Chat, ...]:
        """Every chat that is not in the trash, the latest first."""
        rows = self._vault.rows("SELECT * FROM chat WHERE deleted_at IS NULL ORDER BY updated_at DESC, id DESC")
        return tuple(_chat(row) for row in rows)

    def trash(self) -> tuple[Chat, ...]:
        """The chats in the trash, the last deleted first."""
        rows = self._vault.rows("SELECT * FROM chat WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC")
        return tuple(_chat(row) for row in rows)

    def get(self, chat_id: int) -> Chat:
        """One chat, in the trash or not. Raises `NotFound`."""
        rows = self._vault.rows("SELECT * FROM chat WHERE id = ?", (chat_id,))
        if not rows:
            raise NotFound(what="chat", which=chat_id)
        return _chat(rows[0])

    def add(self, title: str) -> Chat:
        """Begin a chat."""
        moment = now()
        with self._vault.writing() as db:
            cursor = db.execute(
                "INSERT INTO chat (title, created_at, updated_at) VALUES (?, ?, ?)", (title, moment, moment)
            )
            chat_id = cursor.lastrowid
        assert chat_id is not None
        return self.get(chat_id)

    def rename(self, chat_id: int, title: str) -> None:
        """Give the title the person chose. Raises `NotFound`."""
        self._change(chat_id, "title = ?, named = 1", title)

    def suggest_title(self, chat_id: int, title: str) -> None:
        """Give a title unless the person chose one."""
        with self._vault.writing() as db:
            db.execute("UPDATE chat SET title = ? WHERE id = ? AND named = 0", (title, chat_id))

    def use_model(self, chat_id: int, model_id: int | None) -> None:
        """Remember which model the chat was last answered by. Raises `NotFound`."""
        self._change(chat_id, "model_id = ?", model_id)

    def set_when_full(self, chat_id: int, when_full: WhenFull | None) -> None:
        """What is done in this chat when it outgrows the context; None: as the settings say. Raises `NotFound`."""
        self._change(chat_id, "when_full = ?", when_full.value if when_full else None)

    def set_form(self, chat_id: int, form: Form) -> None:
        """The form of this chat's answers from now on. Raises `NotFound`."""
        self._change(chat_id, "form = ?", form_as_json(form))

    def set_thinking(self, chat_id: int, thinking: bool | None) -> None:
        """Whether models think first in this chat; None: as the settings say. Raises `NotFound`."""
        self._change(chat_id, "thinking = ?", None if thinking is None else int(thinking))

    def delete(self, chat_id: int) -> None:
        """Put a chat in the trash. Raises `NotFound`."""
        self._change(chat_id, "deleted_at = coalesce(deleted_at, ?)", now())

    def restore(self, chat_id: int) -> None:
        """Take a chat out of the trash. Raises `NotFound`."""
        self._change(chat_id, "deleted_at = ?", None)

    def purge(self, chat_id: int) -> None:
        """Erase a chat and its messages for good. Raises `NotFound`."""
        with self._vault.writing() as db:
            if not db.execute("DELETE FROM chat WHERE id = ?", (chat_id,)).rowcount:
                raise NotFound(what="chat", which=chat_id)
        self._vault.settle()

    # Messages.

    def messages(self, chat_id: int) -> tuple[Message, ...]:
        """The branch on show, from the first message to the last. Raises `NotFound`."""
        rows = self._vault.rows("SELECT leaf_id FROM chat WHERE id = ?", (chat_id,))
        if not rows:
            raise NotFound(what="chat", which=chat_id)
        return self.branch(rows[0]["leaf_id"])

    def branch(self, last_id: int | None) -> tuple[Message, ...]:
        """The messages that led to `last_id`, from the first to that one."""
        return self._pictures.shown([_message(row) for row in self._vault.rows(_BRANCH, {"last": last_id})])

    def message(self, message_id: int) -> Message:
        """One message. Raises `NotFound`."""
        for message in self.versions(message_id):
            if message.id == message_id:
                return message
        raise NotFound(what="message", which=message_id)

    def versions(self, message_id: int) -> tuple[Message, ...]:
        """A message and its siblings, the oldest first."""
        return self._pictures.shown([_message(row) for row in self._vault.rows(_SIBLINGS, (message_id,))])

    def children(self, message_id: int) -> tuple[Message, ...]:
        """What follows directly on a message, the oldest first."""
        rows = self._vault.rows("SELECT id FROM message WHERE parent_id = ? LIMIT 1", (message_id,))
        return self.versions(rows[0]["id"]) if rows else ()

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
        """Keep a message under `parent_id` and show the branch that ends with it. Raises `NotFound`, `DiskFull`."""
        moment = now()

        def add(db: Database) -> int:
            if not db.execute("SELECT 1 FROM chat WHERE id = ?", (chat_id,)).fetchone():
                raise NotFound(what="chat", which=chat_id)
            cursor = db.execute(
                """INSERT INTO message (chat_id, parent_id, role, text, state, model, sources, created_at, refused,
                   withheld, context) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    chat_id, parent_id, role.value, text, state.value, model, _json_of(sources), moment, refused,
                    withheld, context_as_json(context) if context else None,
                ),
            )  # fmt: skip
            message_id = cursor.lastrowid
            assert message_id is not None
            pictures_of.add(db, message_id, pictures)
            db.execute("UPDATE chat SET leaf_id = ?, updated_at = ? WHERE id = ?", (message_id, moment, chat_id))
            return message_id

        return self.message(self._vault.saved(add))

    def picture_data(self, picture_id: int) -> bytes:
        """The bytes of a picture. Raises `NotFound`."""
        return self._pictures.data(picture_id)

    def write_text(self, message_id: int, text: str, thoughts: str = "", *, withheld: bool = False) -> None:
        """Keep what there is of an answer that is still being written, as `withheld` until it is checked.

        Raises `NotFound`, `DiskFull`.
        """
        writing = MessageState.WRITING.value  # a store that was restored meanwhile may have another message of that id

        def write(db: Database) -> None:
            column = "withheld" if withheld else "text"
            sql = f"UPDATE message SET {column} = ?, thoughts = ? WHERE id = ? AND state = ?"
            if not db.execute(sql, (text, thoughts, message_id, writing)).rowcount:
                raise NotFound(what="message", which=message_id)

        self._vault.saved(write)

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
        """Keep how an answer that was being written ended. Raises `NotFound`, `DiskFull`."""
        values = (
            text, state.value, as_json(speed) if speed else None, _json_of(sources), note, thoughts, thinking_s,
            context_as_json(context) if context else None, judged_as_json(form, judged), refused, withheld, message_id,
        )  # fmt: skip
        sql = """UPDATE message SET text = ?, state = ?, speed = ?, sources = ?, note = ?, thoughts = ?, thinking_s = ?,
                 context = ?, judged = ?, refused = ?, withheld = ?
                 WHERE id = ? AND state = ?"""
        writing = MessageState.WRITING.value

        def finish(db: Database) -> None:
            if not db.execute(sql, (*values, writing)).rowcount:
                raise NotFound(what="message", which=message_id)

        self._vault.saved(finish)
        return self.message(message_id)

    def show_version(self, message_id: int) -> None:
        """Show the branch that goes through a message, down to its newest end. Raises `NotFound`."""
        message = self.message(message_id)
        with self._vault.writing() as db:
            (leaf,) = db.execute(_NEWEST_BELOW, {"message": message_id}).fetchone()
            db.execute("UPDATE chat SET leaf_id = ? WHERE id = ?", (leaf, message.chat_id))

    def last_speed(self, model: str) -> Speed | None:
        """What the last answer of a model of this name cost; None where it has written none."""
        sql = "SELECT speed FROM message WHERE model = ? AND speed IS NOT NULL ORDER BY id DESC LIMIT 1"
        rows = self._vault.rows(sql, (model,))
        return from_json(Speed, rows[0]["speed"]) if rows else None

    def mark_interrupted(self) -> None:
        """Say of every answer that a program that is no more was writing that it was interrupted."""
        with self._vault.writing() as db:
            db.execute(
                "UPDATE message SET state = ?, note = ? WHERE state = ?",
                (MessageState.INTERRUPTED.value, INTERRUPTED, MessageState.WRITING.value),
            )

    def _change(self, chat_id: int, assignment: str, value: str | int | None) -> None:
        with self._vault.writing() as db:
            if not db.execute(f"UPDATE chat SET {assignment} WHERE id = ?", (value, chat_id)).rowcount:
                raise NotFound(what="chat", which=chat_id)


def _json_of(sources: Sequence[Source]) -> str | None:
    return as_json(sources) if sources else None


def _chat(row: dict[str, Any]) -> Chat:
    return Chat(
        id=row["id"], title=row["title"], created_at=row["created_at"], updated_at=row["updated_at"],
        model_id=row["model_id"], deleted_at=row["deleted_at"],
        when_full=WhenFull(row["when_full"]) if row["when_full"] in set(WhenFull) else None,
        form=form_from_json(row["form"]),
        thinking=None if row["thinking"] is None else bool(row["thinking"]),
    )  # fmt: skip


def _message(row: dict[str, Any]) -> Message:
    form, judged = judged_from_json(row["judged"])
    return Message(
        id=row["id"], chat_id=row["chat_id"], parent_id=row["parent_id"], role=Role(row["role"]), text=row["text"],
        state=MessageState(row["state"]), model=row["model"], created_at=row["created_at"], version=row["version"],
        versions=row["versions"], speed=from_json(Speed, row["speed"]) if row["speed"] else None,
        sources=several_from_json(Source, row["sources"]), note=row["note"], thoughts=row["thoughts"],
        thinking_s=row["thinking_s"], context=context_from_json(row["context"]), form=form, judged=judged,
        refused=Refusal(row["refused"]) if row["refused"] in set(Refusal) else None, withheld=row["withheld"],
    )  # fmt: skip
