"""What can go wrong in a way the person can act on: one class per situation, with its facts (see `engine.failing`).

The desktop adds the advice (`desktop/error_text.py`). Bugs stay ordinary ValueError and AssertionError, which nobody
catches. An error crosses a process border as its code and its facts, and is rebuilt by `rebuilt`.
"""

import errno
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.failing import Cancelled as Cancelled
from engine.failing import EngineError as EngineError

MOST_FACT = 4096  # characters of one fact that another process reports, as long as a path may be

# --- the store ---------------------------------------------------------------------------


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


# --- files and documents -------------------------------------------------------------------


class FileMissing(EngineError):
    """The file or folder is not there (any more)."""

    sentence = "{path} is not there."


class FileNotReadable(EngineError):
    """The operating system refused to read the file."""

    sentence = "{path} could not be opened: {why}."


class FormatUnknown(EngineError):
    """No reader for this kind of file."""

    sentence = "{path} is of a kind Hanare does not read."


class DocumentDamaged(EngineError):
    """The file is not what its name says, or is broken."""

    sentence = "{path} could not be read as {kind}: {why}."


class DocumentEmpty(EngineError):
    """The file holds no text (an empty file, or pictures of pages)."""

    sentence = "{path} holds no text: {why}."


class DocumentTooLarge(EngineError):
    """Over a limit that keeps the computer usable."""

    sentence = "{path} is too large to read: {why}."


class DocumentTooSlow(EngineError):
    """Reading took too long and was ended."""

    sentence = "Reading {path} was ended after {seconds:.0f} seconds."


# --- models, the hub, proofs ---------------------------------------------------------------------


class ModelDamaged(EngineError):
    """A GGUF file that fails the check made before llama.cpp sees it."""

    sentence = "{path} is not a usable GGUF model: {why}."


class ModelNotUsable(EngineError):
    """llama.cpp refused a file that passed our check."""

    sentence = "llama.cpp could not load {path}: {why}."


class ModelNotForChat(EngineError):
    """The file is well, but is no model to chat with."""

    sentence = "{path} cannot be chatted with: {why}."


class AnswerNotGoneOnWith(EngineError):
    """The template of the model has no place for the beginning of an answer."""

    sentence = "{model} cannot go on with an answer from its very words: its chat template has no place for them."


class AdapterNotForModel(EngineError):
    """A LoRA adapter was made for another model, or is none."""

    sentence = "The adapter {adapter} does not go with {model}: {why}."


class ProjectorNotForModel(EngineError):
    """A file with which a model was to see is none, or belongs to other models."""

    sentence = "{model} cannot see with {projector}: {why}."


class ModelNotMade(EngineError):
    """llama.cpp did not make a model in another form."""

    sentence = "{path} could not be made smaller: {why}."


class MatrixNeeded(EngineError):
    """A form in which a model is worth nothing without an importance matrix, which llama.cpp refuses then."""

    sentence = "{quantization} needs an importance matrix, without which the model would be worth nothing."


class MatrixNotUsable(EngineError):
    """A file that was to be an importance matrix."""

    sentence = "{path} is not a usable importance matrix: {why}."


class NotEnoughRoom(EngineError):
    """Nothing was begun."""

    sentence = "The new model takes {need_mb:,.0f} MB, and the disk that holds {where} has {free_mb:,.0f} MB free."


class NotEnoughMemory(EngineError):
    """It does not fit now. `model_id` and `fitting_tokens`, the longest context that would (0: none), are facts too."""

    sentence = (
        "{model} needs about {need_gib:.1f} GiB of memory with a context of {context_tokens} tokens, and "
        "{free_gib:.1f} GiB can be given to it now."
    )


class MemoryRanShort(EngineError):
    """The computer was about to freeze; the model was ended before it did."""

    sentence = "The computer ran short of memory, so {model} was stopped and its memory was given back."


class ModelCannotSee(EngineError):
    """A picture was shown to a model that has no projector."""

    sentence = "{model} cannot see pictures."


class PictureNotUsable(EngineError):
    """A file, or what was pasted, that is no picture, or one that is not taken in; or a model that cannot take it."""

    sentence = "{picture} cannot be used: {why}."


class NoModel(EngineError):
    """There is no model to chat with."""

    sentence = "There is no model to chat with yet."


class WorkerDied(EngineError):
    """A helper process ended by itself."""

    sentence = "The {process} process stopped unexpectedly ({how})."


class WorkerNotSealed(EngineError):
    """A wall that the system offers did not hold a helper process, which was given nothing and ended."""

    sentence = "The {process} process could not be shut off ({walls}), though this system says that it can do it."


class WorkerSilent(EngineError):
    """A helper process did not answer in time and was ended."""

    sentence = "The {process} process did not answer for {seconds:.0f} seconds and was ended."


class WorkerKeepsDying(EngineError):
    """A kind of process died several times in a row; starting it again has to wait a little."""

    sentence = (
        "The {process} process stopped {times} times in a row, so it is started again in {wait_s:.0f} seconds at the "
        "earliest."
    )


class DraftNotUsable(EngineError):
    """A model was chosen to guess ahead for another one, and cannot."""

    sentence = "{path} cannot guess ahead for this model: {why}."


class CardNotUsable(EngineError):
    """Layers of a model were wanted on the graphics card, and it was loaded without it."""

    sentence = "The graphics card could not be used ({why}), so the processor does all the work of this model."


class ModelKeepsFailing(EngineError):
    """The file ended its process again and again; it is left alone until the next start."""

    sentence = "{model} made its process stop {times} times, so it is not tried again until Hanare is restarted."


class PromptTooLong(EngineError):
    """The prompt does not fit the model's context."""

    sentence = "The prompt has {tokens} tokens and the model holds {context_tokens}."


class ContextFull(EngineError):
    """The chat has outgrown the model's context, and the person wants nothing left out."""

    sentence = "This chat has {tokens} tokens by now and the model has room for {room} before its answer."


class FormNotUsable(EngineError):
    """A JSON Schema or a grammar that cannot guide an answer; `place` is where in it."""

    sentence = "The {what} cannot be used: {why} ({place})."


class TextNotAccepted(EngineError):
    """A request with values outside their limits."""

    sentence = "{what} cannot be {value}: {why}."


class StateNotUsable(EngineError):
    """What was kept of a chat, so that it need not be read again, is of no use. Nothing else is lost."""

    sentence = "This chat was read again from its beginning, because what was kept of it could not be used: {why}."


class EmbedderNotUsable(EngineError):
    """The embedding model is missing or is not the pinned one."""

    sentence = "The embedding model could not be used: {why}."


class CheckerNotUsable(EngineError):
    """The model that checks answers is gone or is none; answers are checked without it."""

    sentence = "The model that checks answers could not be used: {why}."


class HubUnreachable(EngineError):
    """No answer from the hub."""

    sentence = "{host} could not be reached: {why}."


class HubRefused(EngineError):
    """The hub answered with a refusal."""

    sentence = "{host} refused {file} of {repository}: {why}."


class HubSentElsewhere(EngineError):
    """A hub named a host that is neither its own nor one where the hub keeps its files."""

    sentence = "{host} sent the download of {file} on to {elsewhere}, where no file of the hub is kept."


class HubNotFound(EngineError):
    """No such repository or file."""

    sentence = "{host} has no {file} in {repository}."


class NoRoomForDownload(EngineError):
    """The disk does not take what is to be fetched; found before any of it is."""

    sentence = "{file} needs {need_bytes:,} bytes more on the disk that holds {where}: {why}."


class DownloadCorrupt(EngineError):
    """What arrived is not what the hub announced."""

    sentence = "{file} arrived damaged: {why}."


class WitnessNotPossible(EngineError):
    """This computer gives a program no network of its own, whose counters would be the proof."""

    sentence = "The proof that nothing is sent cannot be made here: {why}."


KINDS: dict[str, type[EngineError]] = {kind.__name__: kind for kind in EngineError.__subclasses__()}


def rebuilt(code: str, facts: dict[str, Any]) -> EngineError:
    """The error a process reported; one that cannot be ours is shown as a worker that failed. Long facts are cut."""
    facts = {name: fact[:MOST_FACT] if isinstance(fact, str) else fact for name, fact in facts.items()}
    if code in KINDS:
        with suppress(KeyError, TypeError, ValueError, OverflowError):
            return KINDS[code](**facts)
    return WorkerDied(process="helper", how=f"{code[:80]} {facts.get('why', '')}".strip())


def from_os_error(error: OSError, path: Path) -> EngineError:
    """The typed error for what the operating system said about `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(where=str(path))
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return FileMissing(path=str(path))
    return FileNotReadable(path=str(path), why=(error.strerror or str(error)).lower())
