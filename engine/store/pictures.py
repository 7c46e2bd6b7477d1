"""The pictures of messages, as rows. They go where their message goes: by `ON DELETE CASCADE`."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from engine.errors import NotFound
from engine.store.database import Database
from engine.store.vault import Vault
from engine.types import Message, Picture

_OF = """
SELECT id, message_id, digest, kind, width, height, name, thumbnail FROM picture
WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY id"""


class PictureRows:
    """Reads and keeps `Picture`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def shown(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages with their pictures, without the data of those."""
        found: dict[int, list[Picture]] = {}
        for row in self._vault.rows(_OF, (json.dumps([message.id for message in messages]),)):
            found.setdefault(row["message_id"], []).append(_picture(row))
        return tuple(
            replace(message, pictures=tuple(found[message.id])) if message.id in found else message
            for message in messages
        )

    def data(self, picture_id: int) -> bytes:
        """The bytes of one. Raises `NotFound`."""
        rows = self._vault.rows("SELECT data FROM picture WHERE id = ?", (picture_id,))
        if not rows:
            raise NotFound(what="picture", which=picture_id)
        return bytes(rows[0]["data"])


def add(db: Database, message_id: int, pictures: Iterable[Picture]) -> None:
    """Keep the pictures of a message, whose data is there, within a transaction."""
    for picture in pictures:
        db.execute(
            """INSERT INTO picture (message_id, digest, kind, width, height, name, thumbnail, data)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                message_id, picture.digest, picture.kind, picture.width, picture.height, picture.name,
                picture.thumbnail, picture.data,
            ),
        )  # fmt: skip


def _picture(row: dict[str, Any]) -> Picture:
    return Picture(
        id=row["id"], digest=row["digest"], kind=row["kind"], width=row["width"], height=row["height"],
        name=row["name"], thumbnail=bytes(row["thumbnail"]),
    )  # fmt: skip
