"""Draws the pictures of docs/images: every page of the real window, on a throw-away data folder.

    python packaging/screenshots.py                 # English, light and dark: the pictures of the documentation
    python packaging/screenshots.py --all FOLDER    # both languages, both themes, at 100 % and 200 %, into FOLDER

The window, the engine, the documents and the search are real. The answers are prepared texts
(`tests/fakes/prepared_model.py`): the pictures show the program, not what some model knows.
"""

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HANARE_KEYCHAIN"] = "off"

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer  # noqa: E402 - the platform is chosen first
from PySide6.QtWidgets import QApplication  # noqa: E402

from desktop.jobs import Jobs  # noqa: E402
from desktop.remember import Remembered  # noqa: E402
from desktop.theme import RESOURCES, theme  # noqa: E402
from desktop.window import Window  # noqa: E402
from desktop.words import choose  # noqa: E402
from engine.engine import Cancel, Engine, Places, finish  # noqa: E402
from tests.fakes.gguf_bytes import Row, model_bytes  # noqa: E402
from tests.fakes.tiny_gguf import CHATML  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SIZE = (1180, 760)
QUESTIONS = {
    "en": ("How does quantization save memory?", "quantization memory", "How much memory does a model take?"),
    "ja": ("量子化でメモリはどれだけ減りますか?", "量子化", "量子化すると何が変わりますか?"),
}
CHATS = {
    "en": ("Notes from the tenancy agreement", "A letter to the landlord", "What to read about tea"),
    "ja": ("賃貸契約のまとめ", "大家さんへの手紙", "お茶の本を探す"),
}


@dataclass(frozen=True)
class Shape:
    """A model's width, its quantization by llama.cpp's numbers, and what a block of weights takes."""

    width: int
    file_type: int
    tensor_type: int
    block: int
    block_bytes: int


MODELS = {"example-135M-Q8_0": Shape(3456, 7, 8, 32, 34), "example-360M-Q4_K_M": Shape(12600, 15, 12, 256, 144)}
LAYERS, EMBEDDING, VOCABULARY = 24, 1024, 49152


def main() -> int:
    """Draw what was asked for; each combination in a process of its own, since Qt's scale is fixed at its start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every language, theme and scale, into FOLDER")
    parser.add_argument("--one", nargs=3, metavar=("LANGUAGE", "SCALE", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        language, scale, folder = asked.one
        with tempfile.TemporaryDirectory() as data:
            os.environ["HOME"] = data  # the pictures show "~", not where they were drawn
            draw(language, "-2x" if scale == "2" else "", Path(folder), Path(data))
        return 0
    wanted = [(language, scale) for language in QUESTIONS for scale in "12"] if asked.all else [("en", "1")]
    folder = (asked.all or IMAGES).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for language, scale in wanted:
        command = [sys.executable, __file__, "--one", language, scale, str(folder)]
        environment = {**os.environ, "QT_SCALE_FACTOR": scale, "LC_ALL": "C.UTF-8"}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 0


def draw(language: str, suffix: str, folder: Path, data: Path) -> None:
    """Fill a data folder, open the window on it and grab every page in both themes."""
    app = QApplication([])
    choose(language, RESOURCES / "translations")
    theme().choose("light")
    with Engine.open(Places(data / "Hanare"), model_process="tests.fakes.prepared_model") as engine:
        fill(engine, data, language)
        jobs = Jobs()
        window = Window(engine, jobs, Remembered(engine.places.data))
        window.resize(*SIZE)
        window.show()
        for name, prepare in SCENES.items():
            prepare(window, jobs, language)
            for kind in ("light", "dark"):
                theme().choose(kind)
                settle(0.3)
                window.grab().save(str(folder / f"{name}-{kind}-{language}{suffix}.png"))
        jobs.shut_down()
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    app.processEvents()


def fill(engine: Engine, folder: Path, language: str) -> None:
    """Two models, the sample documents with their vectors, some older chats."""
    for name, shape in MODELS.items():
        path = folder / "Models" / f"{name}.gguf"
        path.parent.mkdir(exist_ok=True)
        entries = {"general.name": name, "general.file_type": shape.file_type, "llama.block_count": LAYERS,
                   "llama.context_length": 8192, "llama.embedding_length": EMBEDDING,
                   "llama.attention.head_count": 16, "llama.attention.head_count_kv": 4,
                   "tokenizer.chat_template": CHATML,
                   "tokenizer.ggml.tokens": [f"t{number}" for number in range(VOCABULARY)],
                   "tokenizer.ggml.scores": None}  # fmt: skip
        write_model(path, entries, shape)
        finish(engine.models.add(path, Cancel()))
    papers = Path(shutil.copytree(engine.places.samples, folder / "Documents"))
    finish(engine.documents.add([papers], Cancel()))
    finish(engine.documents.embed(Cancel()))
    for title in CHATS[language]:
        engine.chats.rename(engine.chats.new().id, title)


def write_model(path: Path, entries: dict[str, object], model: Shape) -> None:
    """A header of a model of some size; the weights are a hole in the file, so it takes no room."""
    rows, at = [], 0
    shapes = [("token_embd.weight", (EMBEDDING, VOCABULARY)), ("output_norm.weight", (EMBEDDING,))]
    shapes += [(f"blk.{layer}.ffn_up.weight", (EMBEDDING, model.width)) for layer in range(LAYERS)]
    for name, shape in shapes:
        weights = math.prod(shape)
        whole = len(shape) > 1
        size = weights * model.block_bytes // model.block if whole else weights * 4
        rows.append(Row(name, shape, model.tensor_type if whole else 0, at))
        at += -(-size // 32) * 32
    head = model_bytes(entries, rows=rows, data_bytes=0)
    path.write_bytes(head)
    os.truncate(path, -(-len(head) // 32) * 32 + at)


# --- scenes ---------------------------------------------------------------------------------


def chat(window: Window, jobs: Jobs, language: str) -> None:
    """A question with a long answer: a table and code."""
    window.show_page("chat")
    view = window.built("chat")
    view.start_new()
    view.picker.choose(2)
    view.send_requested.emit(QUESTIONS[language][0])
    wait_until_idle(jobs)


def documents(window: Window, jobs: Jobs, language: str) -> None:
    """Results of a search."""
    window.show_page("documents")
    window.built("documents").field.setText(QUESTIONS[language][1])
    settle(1.0)
    wait_until_idle(jobs)
    settle(3.0)  # the results by meaning follow
    wait_until_idle(jobs)


def ask(window: Window, jobs: Jobs, language: str) -> None:
    """An answer in quotes, with no model."""
    view = window.built("documents")
    view.field.setText(QUESTIONS[language][2])
    view.model.setCurrentIndex(view.model.findData(None))
    view.field.returnPressed.emit()
    settle(1.0)
    wait_until_idle(jobs)


def compare(window: Window, jobs: Jobs, language: str) -> None:
    """One prompt to both models."""
    window.show_page("compare")
    view = window.built("compare")
    for number, column in enumerate(view.columns, start=1):
        column.picker.choose(number)
    view.run_requested.emit(QUESTIONS[language][0])
    wait_until_idle(jobs)
    view.composer.write(QUESTIONS[language][0])


def page(name: str, window: Window, jobs: Jobs, language: str) -> None:
    """A page as it opens."""
    window.show_page(name)


def settle(seconds: float) -> None:
    """Let the window work for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_until_idle(jobs: Jobs) -> None:
    """Until nothing runs any more."""
    settle(0.2)
    while jobs.busy:
        settle(0.1)


SCENES: dict[str, Callable[[Window, Jobs, str], None]] = {
    "chat": chat,
    "documents": documents,
    "ask": ask,
    "compare": compare,
    "models": partial(page, "models"),
    "settings": partial(page, "settings"),
}

if __name__ == "__main__":
    sys.exit(main())
