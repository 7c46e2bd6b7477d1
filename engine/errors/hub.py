"""What can go wrong with the hub and with downloads."""

from engine.errors.failing import EngineError


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


class HubSearchRefused(EngineError):
    """The hub did not search, or what it answered is no list of models."""

    sentence = "{host} did not search: {why}."


class HubModelRefused(EngineError):
    """The hub does not tell what a repository is."""

    sentence = "{host} does not tell of {repository}: {why}."


class HubModelNotFound(EngineError):
    """No such repository."""

    sentence = "{host} has no {repository}."


class CatalogDamaged(EngineError):
    """The list of models that Hanare comes with cannot be read."""

    sentence = "The list of models {path} is damaged: {why}."
