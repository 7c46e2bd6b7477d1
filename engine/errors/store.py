"""What can go wrong with the store and its keys."""

from engine.errors.failing import EngineError


class AlreadyRunning(EngineError):
    """Another Hanare holds this data folder."""

    sentence = "Hanare is already running with the data folder {folder}."


class KeyMissing(EngineError):
    """A store is here but its key is not."""

    sentence = "The key that opens {store} was not found: {why}."


class Locked(EngineError):
    """The key did not come by itself; `ways` (of `types.WayIn`) are left, which need somebody.

    `keychain_gone`: the keychain no longer keeps what it kept, and may be given it again."""

    sentence = "The store {store} is locked: {why}."


class PassphraseWrong(EngineError):
    """Another passphrase, or none, belongs to this store."""

    sentence = "That is not the passphrase of {store}."


class PassphraseTooWeak(EngineError):
    """A new passphrase of a length that is of no use."""

    sentence = "That cannot be the passphrase: {why}."


class RecoveryCodeWrong(EngineError):
    """The code is mistyped, or belongs to another store or another time."""

    sentence = "That recovery code does not open {store}: {why}."


class KeysTooNew(EngineError):
    """A newer Hanare wrote the file of keys."""

    sentence = "The keys of {store} were written by a newer Hanare (format {found}, this one knows {known})."


class LockNotPossible(EngineError):
    """A lock would keep nobody out."""

    sentence = "The store {store} cannot be locked: {why}."


class AskNotPossible(EngineError):
    """The keychain may not be left out yet: whoever forgets what is asked for would lose everything."""

    sentence = "The keychain still has to open the store {store}: {why}."


class KeychainRefused(EngineError):
    """The keychain was to be given a key and did not take it."""

    sentence = "The keychain does not open the store {store}: {why}."


class TokenKeychainRefused(EngineError):
    """The keychain did not keep, give or forget the hub's access token."""

    sentence = "The keychain did not do what was asked with the access token: {why}."


class StoreUnreadable(EngineError):
    """The store's file is damaged, or the key is not its key."""

    sentence = "The store {store} could not be opened: {why}."


class StoreTooNew(EngineError):
    """A newer Hanare wrote this store, so it is not changed."""

    sentence = "The store {store} was written by a newer Hanare (step {found}, this one knows {known})."


class StoreNotEncrypted(EngineError):
    """Encryption is not at work; nothing is written."""

    sentence = "The store {store} would not be encrypted: {why}."


class DiskFull(EngineError):
    """No room left to write."""

    sentence = "The disk that holds {where} is full, so nothing more could be saved there."


class NotFound(EngineError):
    """A chat, model or document that is not (or no longer) there."""

    sentence = "There is no {what} {which}."
