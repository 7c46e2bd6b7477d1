"""Where other programs keep their models on this computer, and what they call them.

Facts about their folders: LM Studio's documentation (app/advanced/import-model), Jan's (data folder), GPT4All's
settings (download path), Ollama's FAQ ("Where are models stored?"), huggingface_hub's (environment variables, cache).
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, NamedTuple

LM_STUDIO, JAN, GPT4ALL, OLLAMA, HUB_CACHE = "LM Studio", "Jan", "GPT4All", "Ollama", "Hugging Face cache"
OLLAMA_SERVICE = Path("/usr/share/ollama/.ollama/models")  # where it runs as a service, on Linux
MOST_MANIFEST_BYTES = 1 << 20  # Ollama's have some hundreds
MOST_MANIFESTS = 5_000
_MODEL, _PROJECTOR = "application/vnd.ollama.image.model", "application/vnd.ollama.image.projector"
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_REGISTRY, _LIBRARY = "registry.ollama.ai", "library"  # left out of the names that people know
_UNNAMED = "model"  # what Jan calls every file


class Place(NamedTuple):
    """A folder of a program."""

    program: str
    folder: Path


class Pulled(NamedTuple):
    """A model of Ollama's: its name and its files, which are named by their SHA-256."""

    name: str
    path: Path
    projector: Path | None


def places(home: Path, environment: Mapping[str, str], system: str) -> tuple[Place, ...]:
    """The folders in which they would be; `system` is `sys.platform`. Touches no disk but LM Studio's pointer."""
    found = [
        *(Place(LM_STUDIO, folder / "models") for folder in _lm_studio(home)),
        *(Place(JAN, folder) for folder in _jan(home, environment, system)),
        Place(GPT4ALL, _gpt4all(home, environment, system)),
        *(Place(OLLAMA, folder) for folder in _ollama(home, environment, system)),
        Place(HUB_CACHE, _hub_cache(home, environment)),
    ]
    return tuple(dict.fromkeys(found))


def name_of(file: PurePath) -> str:
    """What to call a model; `file` is its path below the program's folder."""
    if file.stem.casefold() == _UNNAMED and len(file.parts) > 1:
        return file.parent.name
    return file.stem


def repository_of(program: str, file: PurePath) -> str:
    """The repository on the hub that a file came from, "" where its path does not tell."""
    if program == LM_STUDIO and len(file.parts) == 3:
        return f"{file.parts[0]}/{file.parts[1]}"
    if program == HUB_CACHE and file.parts[0].startswith("models--"):
        return "/".join(file.parts[0].split("--")[1:])
    return ""


def pulled(folder: Path) -> Iterator[Pulled]:
    """The models that Ollama has in `folder`, by their manifests; what is no manifest is passed over."""
    manifests = folder / "manifests"
    for number, path in enumerate(sorted(manifests.rglob("*"))):
        if number >= MOST_MANIFESTS:
            return
        layers = _layers(path)
        model, seeing = layers.get(_MODEL, ""), layers.get(_PROJECTOR, "")
        if not model:
            continue
        blobs = folder / "blobs"
        yield Pulled(
            name=_ollama_name(path.relative_to(manifests)),
            path=blobs / f"sha256-{model}",
            projector=blobs / f"sha256-{seeing}" if seeing else None,
        )


def _layers(manifest: Path) -> dict[str, str]:
    """The SHA-256 of the first layer of each kind, in hexadecimal figures; none where it is no manifest."""
    try:
        if not manifest.is_file() or manifest.stat().st_size > MOST_MANIFEST_BYTES:
            return {}
        told: Any = json.loads(manifest.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    found: dict[str, str] = {}
    layers = told.get("layers") if isinstance(told, dict) else None
    for layer in layers if isinstance(layers, list) else ():
        if isinstance(layer, dict) and isinstance(layer.get("mediaType"), str):
            digest = _DIGEST.fullmatch(str(layer.get("digest")))  # it becomes a name: nothing else may
            if digest:
                found.setdefault(layer["mediaType"], digest[1])
    return found


def _ollama_name(manifest: PurePath) -> str:
    """ "qwen3:4b" of registry.ollama.ai/library/qwen3/4b; what is not usual is said in front."""
    *before, name, tag = manifest.parts if len(manifest.parts) > 1 else (*manifest.parts, "")
    shown = [part for part in before if part not in (_REGISTRY, _LIBRARY)]
    return "/".join([*shown, name]) + (f":{tag}" if tag else "")


def _lm_studio(home: Path) -> Iterator[Path]:
    pointer = home / ".lmstudio-home-pointer"
    try:
        told = pointer.read_text("utf-8").strip() if pointer.stat().st_size <= 4096 else ""
    except (OSError, ValueError):
        told = ""
    if told and "\0" not in told and Path(told).is_absolute():
        yield Path(told)
    yield home / ".lmstudio"
    yield home / ".cache" / "lm-studio"


def _jan(home: Path, environment: Mapping[str, str], system: str) -> Iterator[Path]:
    for folder in (_settings(home, environment, system) / "Jan" / "data", home / "jan"):
        yield folder / "llamacpp" / "models"
        yield folder / "models"


def _gpt4all(home: Path, environment: Mapping[str, str], system: str) -> Path:
    if system == "darwin":
        return home / "Library" / "Application Support" / "nomic.ai" / "GPT4All"
    if system == "win32":
        return _set(environment, "LOCALAPPDATA", home / "AppData" / "Local") / "nomic.ai" / "GPT4All"
    return _set(environment, "XDG_DATA_HOME", home / ".local" / "share") / "nomic.ai" / "GPT4All"


def _ollama(home: Path, environment: Mapping[str, str], system: str) -> Iterator[Path]:
    yield _set(environment, "OLLAMA_MODELS", home / ".ollama" / "models")
    if system.startswith("linux"):
        yield OLLAMA_SERVICE


def _hub_cache(home: Path, environment: Mapping[str, str]) -> Path:
    cache = _set(environment, "XDG_CACHE_HOME", home / ".cache") / "huggingface"
    return _set(environment, "HF_HUB_CACHE", _set(environment, "HF_HOME", cache) / "hub")


def _settings(home: Path, environment: Mapping[str, str], system: str) -> Path:
    if system == "darwin":
        return home / "Library" / "Application Support"
    if system == "win32":
        return _set(environment, "APPDATA", home / "AppData" / "Roaming")
    return _set(environment, "XDG_CONFIG_HOME", home / ".config")


def _set(environment: Mapping[str, str], name: str, usual: Path) -> Path:
    """The folder that a variable names; only a whole path can be meant."""
    told = environment.get(name, "")
    return Path(told) if told and Path(told).is_absolute() else usual
