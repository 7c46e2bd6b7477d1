"""Wrapping: the store's key encrypted under another key, so that only who has that one gets it back.

The other key is random, or comes from a passphrase through Argon2id, or from a recovery code.
Each wrap is bound to the way it belongs to: one that is moved to another way does not open.
Nothing here knows where a wrap is kept.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
SALT_BYTES = 16

Wrap = dict[str, Any]  # what is written to the file: hexadecimal texts and whole numbers


class NotOpened(Exception):
    """What was tried does not open the wrap, or the wrap is damaged; which of the two cannot be told."""


@dataclass(frozen=True, slots=True)
class Stretching:
    """What one try of a passphrase costs: memory, passes over it, lanes at once."""

    memory_kib: int
    passes: int
    lanes: int


TODAY = Stretching(memory_kib=64 * 1024, passes=3, lanes=4)
MOST = Stretching(memory_kib=1024 * 1024, passes=32, lanes=32)  # a damaged file must not freeze the computer


def under_key(secret: bytes, kek: bytes, way: str) -> Wrap:
    """`secret` wrapped under a random 32-byte key."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return {"nonce": nonce.hex(), "wrapped": AESGCM(kek).encrypt(nonce, secret, _bound_to(way)).hex()}


def with_key(wrap: Wrap, kek: bytes, way: str) -> bytes:
    """The secret again. Raises `NotOpened`."""
    try:
        nonce, wrapped = bytes.fromhex(wrap["nonce"]), bytes.fromhex(wrap["wrapped"])
        return AESGCM(kek).decrypt(nonce, wrapped, _bound_to(way))
    except (InvalidTag, KeyError, TypeError, ValueError) as error:
        raise NotOpened from error


def under_passphrase(secret: bytes, passphrase: str, way: str, cost: Stretching = TODAY) -> Wrap:
    """`secret` wrapped under a passphrase; slow on purpose."""
    salt = secrets.token_bytes(SALT_BYTES)
    kek = _stretched(passphrase, salt, cost)
    kept = {"salt": salt.hex(), "memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes}
    return kept | under_key(secret, kek, way)


def with_passphrase(wrap: Wrap, passphrase: str, way: str) -> bytes:
    """The secret again; as slow as the wrapping was. Raises `NotOpened`."""
    try:
        cost = Stretching(int(wrap["memory_kib"]), int(wrap["passes"]), int(wrap["lanes"]))
        if cost.memory_kib > MOST.memory_kib or cost.passes > MOST.passes or cost.lanes > MOST.lanes:
            raise NotOpened
        kek = _stretched(passphrase, bytes.fromhex(wrap["salt"]), cost)
    except (KeyError, TypeError, ValueError) as error:
        raise NotOpened from error
    return with_key(wrap, kek, way)


def under_code(secret: bytes, code: bytes, way: str) -> Wrap:
    """`secret` wrapped under the bytes of a recovery code, which are too many to be guessed."""
    salt = secrets.token_bytes(SALT_BYTES)
    return {"salt": salt.hex()} | under_key(secret, _drawn_from(code, salt, way), way)


def with_code(wrap: Wrap, code: bytes, way: str) -> bytes:
    """The secret again. Raises `NotOpened`."""
    try:
        salt = bytes.fromhex(wrap["salt"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotOpened from error
    return with_key(wrap, _drawn_from(code, salt, way), way)


def text_under_key(text: str, secret: bytes) -> bytes:
    """A text that only the holder of `secret` can read again."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    kek = _drawn_from(secret, salt, "text")
    return salt + nonce + AESGCM(kek).encrypt(nonce, text.encode(), _bound_to("text"))


def text_with_key(sealed: bytes, secret: bytes) -> str:
    """The text again. Raises `NotOpened`."""
    salt, nonce, wrapped = sealed[:SALT_BYTES], sealed[SALT_BYTES : SALT_BYTES + NONCE_BYTES], sealed[28:]
    try:
        return AESGCM(_drawn_from(secret, salt, "text")).decrypt(nonce, wrapped, _bound_to("text")).decode()
    except (InvalidTag, ValueError) as error:
        raise NotOpened from error


def _bound_to(way: str) -> bytes:
    return f"hanare key {way}".encode()


def _drawn_from(secret: bytes, salt: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=_bound_to(purpose)).derive(secret)


def _stretched(passphrase: str, salt: bytes, cost: Stretching) -> bytes:
    """A key from a passphrase, however the keyboard composed its letters."""
    text = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    stretch = Argon2id(
        salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
    )
    return stretch.derive(text)
