"""A Secret Service on the session bus, as a desktop has one, with secrets in memory: run `python -m` inside a session.

Only what the keychain asks of it: one collection that is open, items by their attributes, secrets as they are.
Prints a line when it is there, and ends with its session.
"""

import sys
from typing import Any

from jeepney import HeaderFields, Message, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

NAME = "org.freedesktop.secrets"
COLLECTION = "/org/freedesktop/secrets/collection/login"
LABEL = "org.freedesktop.Secret.Item.Attributes"
NO_PROMPT = "/"
kept: dict[str, tuple[dict[str, str], bytes]] = {}  # an item's path → its attributes and its secret


class NotSupported(Exception):
    """What was asked for is not done here."""


def open_session(path: str, algorithm: str, given: Any) -> tuple[str, Any]:
    """Secrets go over the bus as they are; another algorithm is not known, and the asker falls back."""
    if algorithm != "plain":
        raise NotSupported
    return "vo", (("s", ""), "/org/freedesktop/secrets/session/1")


def read_alias(path: str, alias: str) -> tuple[str, Any]:
    return "o", (COLLECTION,)


def search_items(path: str, attributes: dict[str, str]) -> tuple[str, Any]:
    fit = [item for item, (has, _) in kept.items() if attributes.items() <= has.items()]
    return "ao", (fit,)


def create_item(path: str, properties: dict[str, Any], secret: Any, replace: bool) -> tuple[str, Any]:
    item = f"{COLLECTION}/{len(kept) + 1}"
    kept[item] = (dict(properties[LABEL][1]), bytes(secret[2]))
    return "oo", (item, NO_PROMPT)


def unlock(path: str, what: list[str]) -> tuple[str, Any]:
    """Everything is open already."""
    return "aoo", (what, NO_PROMPT)


def get_secret(path: str, session: str) -> tuple[str, Any]:
    return "(oayays)", ((session, b"", kept[path][1], "text/plain"),)


def delete(path: str) -> tuple[str, Any]:
    del kept[path]
    return "o", (NO_PROMPT,)


def get(path: str, interface: str, name: str) -> tuple[str, Any]:
    known = {"Label": ("s", "Login"), "Locked": ("b", False)}
    return "v", (known[name],)


ANSWERS = {
    "OpenSession": open_session,
    "ReadAlias": read_alias,
    "SearchItems": search_items,
    "CreateItem": create_item,
    "Unlock": unlock,
    "GetSecret": get_secret,
    "Delete": delete,
    "Get": get,
}


def answer(call: Message) -> Message:
    """What the service says to one call."""
    fields = call.header.fields
    try:
        signature, body = ANSWERS[fields[HeaderFields.member]](fields[HeaderFields.path], *call.body)
    except NotSupported:
        return new_error(call, "org.freedesktop.DBus.Error.NotSupported")
    return new_method_return(call, signature, body)


def main() -> None:
    """Serve until the session ends."""
    with open_dbus_connection() as bus:
        Proxy(message_bus, bus).RequestName(NAME)
        sys.stdout.write("here\n")
        sys.stdout.flush()
        while True:
            call = bus.receive()
            if call.header.message_type is MessageType.method_call:
                bus.send(answer(call))


if __name__ == "__main__":
    main()
