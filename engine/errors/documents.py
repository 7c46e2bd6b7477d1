"""What can go wrong with files and documents."""

from engine.errors.failing import EngineError


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
