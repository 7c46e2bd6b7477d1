"""Is everything well on this computer? One line for each thing that matters.

Each look is a function that says what it found; one that fails says so in its own line and the
others go on.
"""

import importlib.util
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from engine.cores import Cores, Others, cores, left_to_others, numbers
from engine.documents import Documents
from engine.errors import EngineError
from engine.events import Progressed
from engine.models import Models
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.runtime import Runtime
from engine.runtime.battery import on_battery
from engine.runtime.process import Process
from engine.runtime.runtime import NICENESS
from engine.types import Check
from engine.walls import taken_out

LEAST_FREE_BYTES = 2 * 2**30  # a small chat model and its context
LEAST_DISK_BYTES = 2**30
OTHERS_S = 0.3  # what other programs take is measured for so long
BACKENDS = {"cuda": "CUDA", "vulkan": "Vulkan", "metal": "Metal", "hip": "ROCm", "sycl": "SYCL", "opencl": "OpenCL"}
OLDEST_PYTHON = (3, 11)

Look = Callable[[], Check]


def examined(
    places: Places,
    runtime: Runtime,
    models: Models,
    documents: Documents,
    key_kept_in: str,
    cipher: str,
    cancel: Cancel,
    threads: int = 0,
) -> Operation[tuple[Check, ...]]:
    """Take every look, in order. `threads` is the person's number, 0 where it is left to Hanare.

    Yields Progressed(unit="checks"). Raises `Cancelled`.
    """
    looks: dict[str, Look] = {
        "Python": _python,
        "System": _system,
        "Processor": _processor,
        "Threads": lambda: threads_check(threads),
        "Graphics card": _graphics,
        "Memory": lambda: _memory(runtime),
        "Disk": lambda: _disk(places),
        "Store": lambda: _store(places, cipher),
        "Key": lambda: _key(key_kept_in),
        "Environment": _environment,
        "llama.cpp": lambda: _starts("llama.cpp", "model", "engine.worker.model", places, cancel),
        "Document reader": lambda: _starts("Document reader", "reader", "engine.worker.reader", places, cancel),
        "Search by meaning": lambda: _meaning(documents, cancel),
        "OCR": lambda: _ocr(documents, cancel),
        "Models": lambda: _models(models),
        "Documents": lambda: _documents(documents),
        "Display": _display,
    }
    checks: list[Check] = []
    for number, (name, look) in enumerate(looks.items()):
        cancel.check()
        yield Progressed(done=number, total=len(looks), unit="checks", now=name)
        try:
            checks.append(look())
        except (EngineError, OSError) as error:
            checks.append(Check(name=name, found=str(error), ok=False))
    return tuple(checks)


def _python() -> Check:
    ok = sys.version_info[:2] >= OLDEST_PYTHON
    return Check(
        name="Python", found=platform.python_version(), ok=ok, advice="" if ok else "Hanare needs Python 3.11 or newer."
    )


def _system() -> Check:
    return Check(name="System", found=platform.platform(aliased=True, terse=True), ok=True)


def _processor() -> Check:
    physical, logical = psutil.cpu_count(logical=False), psutil.cpu_count()
    return Check(
        name="Processor", found=f"{platform.machine()}, {physical or logical} cores, {logical} threads", ok=True
    )


def threads_check(chosen: int, available: Cores | None = None, taken: float | None = None, *,
                  battery: bool | None = None) -> Check:  # fmt: skip
    """What a model would begin with now, and why; the computer is asked what is not given."""
    available = cores() if available is None else available
    if taken is None:
        others = Others()
        time.sleep(OTHERS_S)
        taken = others.look().taken
    battery = on_battery() if battery is None else battery
    room = available.usable - left_to_others(taken, available.usable)
    reading, writing = (min(room, number) for number in numbers(available, battery=battery))
    _, plugged_in = numbers(available, battery=False)
    why = [f"other programs take {taken:.1f} of {available.physical} cores"]
    if chosen:
        reading = writing = chosen
        why.append("the number stands in the settings and is kept to")
    elif available.fast < available.physical:
        why.append(f"{available.fast} of them are fast, which write")
    if available.share is not None:
        why.append(f"a container allows {available.share:g}")
    if battery and not chosen and writing < min(plugged_in, room):
        why.append("on battery fewer write")
    why.append(f"models stand back for other programs (nice {NICENESS})")
    return Check(name="Threads", found=f"{reading} to read, {writing} to write; {', '.join(why)}", ok=True)


def _graphics() -> Check:
    """What the installed build of llama.cpp was made for, by the names of its libraries."""
    found = importlib.util.find_spec("llama_cpp")
    names = [
        path.name for root in (found and found.submodule_search_locations) or () for path in Path(root).rglob("*ggml-*")
    ]
    made_for = [said for part, said in BACKENDS.items() if any(f"ggml-{part}." in name for name in names)]
    if not made_for:
        return Check(name="Graphics card", found="this build of llama.cpp uses none; the processor does all", ok=True)
    return Check(name="Graphics card", found=f"llama.cpp is built to use one, by {' and '.join(made_for)}", ok=True)


def _memory(runtime: Runtime) -> Check:
    free, total = runtime.free_bytes(), psutil.virtual_memory().total
    ok = free >= LEAST_FREE_BYTES
    advice = "" if ok else "Close other programs, or choose a small model."
    return Check(name="Memory", found=f"{_gib(free)} free of {_gib(total)}", ok=ok, advice=advice)


def _disk(places: Places) -> Check:
    usage = shutil.disk_usage(places.data)
    ok = usage.free >= LEAST_DISK_BYTES
    advice = "" if ok else f"Make room on the disk that holds {places.data}."
    return Check(name="Disk", found=f"{_gib(usage.free)} free of {_gib(usage.total)}", ok=ok, advice=advice)


def _store(places: Places, cipher: str) -> Check:
    found = f"{places.store}, {_mib(_size(places.store))}, encrypted (SQLCipher {cipher})"
    return Check(name="Store", found=found, ok=True)


def _key(kept_in: str) -> Check:
    if kept_in == "keychain":
        return Check(name="Key", found="in the keychain of the operating system", ok=True)
    if kept_in == "passphrase":
        return Check(name="Key", found="behind a passphrase, which every start asks for", ok=True)
    advice = "There is no keychain here, so anyone who can read your files can read the store."
    return Check(name="Key", found="in a file that only you can read", ok=True, advice=advice)


def _environment() -> Check:
    """What the program was started with and does not keep; a library that was put into it is not well."""
    taken, held = taken_out()
    if not taken:
        return Check(name="Environment", found="nothing in it that could load foreign code", ok=True)
    if held:
        advice = "It was in force before Hanare began. Start Hanare without it."
        return Check(name="Environment", found=f"could not be taken out: {', '.join(held)}", ok=False, advice=advice)
    advice = "These can load foreign code into a program or show what it does; Hanare runs without them."
    return Check(name="Environment", found=f"taken out at the start: {', '.join(taken)}", ok=True, advice=advice)


def _starts(name: str, process_name: str, module: str, places: Places, cancel: Cancel) -> Check:
    with Process(process_name, module, private=places.private) as process:
        process.await_greeting(cancel)
    return Check(name=name, found="its process starts", ok=True)


def _meaning(documents: Documents, cancel: Cancel) -> Check:
    """Its process loads the model; that of Hanare's own is made from weights whose SHA-256 is checked."""
    name, dimensions = documents.check_meaning(cancel)
    library = documents.library()
    found = f"{name}, {dimensions} dimensions"
    return Check(name="Search by meaning", found=f"{found}. {library.why}" if library else found, ok=True)


def _ocr(documents: Documents, cancel: Cancel) -> Check:
    """Tesseract is wanted by nobody who has no pictures of text, so without it all is well."""
    pictures = documents.pictures
    ocr = pictures.ocr(cancel, again=True)
    if not ocr.version:
        advice = f"With it, pictures of text are read here: {pictures.install_command or 'install Tesseract'}"
        return Check(name="OCR", found="no Tesseract", ok=True, advice=advice)
    languages = pictures.languages(ocr)
    found = f"Tesseract {ocr.version} with {', '.join(ocr.languages) or 'no language'}"
    if not languages:
        return Check(name="OCR", found=found, ok=True, advice="It lacks the data of the languages in the settings.")
    return Check(name="OCR", found=f"{found}; reads {languages}", ok=True)


def _models(models: Models) -> Check:
    everything = models.all()
    known = [model for model in everything if not model.built_in]
    missing = [model for model in known if model.missing]
    if not known:
        found = "the built-in guide alone" if everything else "none"
        return Check(name="Models", found=found, ok=True, advice="Open a GGUF file, or download one.")
    if missing:
        found = f"{len(known)}, of which {len(missing)} are not where they were"
        return Check(name="Models", found=found, ok=False, advice=f"Look for {missing[0].path}, or remove it.")
    return Check(name="Models", found=str(len(known)), ok=True)


def _documents(documents: Documents) -> Check:
    counts = documents.counts()
    found = f"{counts.documents} with {counts.passages} passages, {counts.embedded} of them searchable by meaning"
    if counts.failed:
        found += f"; {counts.failed} could not be read"
    return Check(name="Documents", found=found, ok=True)


def _display() -> Check:
    ok = sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if ok:
        return Check(name="Display", found="there is one", ok=True)
    return Check(name="Display", found="none", ok=True, advice="The window needs one; the command line does not.")


def _size(path: Path) -> int:
    return path.stat().st_size


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f} GiB"


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.1f} MiB"
