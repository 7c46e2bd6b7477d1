"""The ways to the store's key, and what somebody offers to open it with: plain values.

What the ways are made of stands in `engine.privacy.keys`.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class WayIn(StrEnum):
    """A way to the store's key."""

    KEYCHAIN = "keychain"
    FILE = "file"  # the key itself, readable by this user only
    PASSPHRASE = "passphrase"
    RECOVERY = "recovery"  # the recovery code


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """What somebody offers to open the store with; a keychain needs no text.

    `renew_keychain` asks that the keychain be given a key again, after it lost the one it kept.
    """

    way: WayIn
    text: str = field(default="", repr=False)
    renew_keychain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWays:
    """Which ways lead to the key of the open store, and which one was gone this time.

    `keychain` is the name of the keychain, "" where none keeps the key.
    """

    ways: tuple[WayIn, ...]
    opened_by: WayIn
    keychain: str = ""

    @property
    def kept_in(self) -> str:
        """Where the key comes from by itself: "keychain" or "file"; "passphrase" where it does not."""
        return next((str(way) for way in (WayIn.KEYCHAIN, WayIn.FILE) if way in self.ways), "passphrase")

    @property
    def asks(self) -> bool:
        """Whether every start asks somebody."""
        return not {WayIn.KEYCHAIN, WayIn.FILE} & set(self.ways)

    @property
    def only_keychain(self) -> bool:
        """Whether everything is lost with the keychain."""
        return self.ways == (WayIn.KEYCHAIN,)
