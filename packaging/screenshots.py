"""Draws the pictures of docs/images: every page of the real window, on a throw-away data folder.

    python packaging/screenshots.py                 # English, light and dark, some in Japanese: the documentation's
    python packaging/screenshots.py --all FOLDER    # both languages, both themes, at 100 % and 200 %, into FOLDER

Nothing is staged: the window, the engine, the sample documents, the search, the embedder and the model
processes are the real ones, and the model is the built-in guide, in Compare beside what it was early in its training.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HANARE_KEYCHAIN"] = "off"

from engine.walls import raise_walls, shut  # noqa: E402

if "--one" in sys.argv:
    raise_walls()  # as the window does, before threads start: what the pictures show of the walls is what holds

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer  # noqa: E402 - the platform is chosen first
from PySide6.QtGui import QImage  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from desktop.dialogs.viewer_window import ViewerWindow  # noqa: E402
from desktop.jobs import Jobs  # noqa: E402
from desktop.remember import Remembered  # noqa: E402
from desktop.theme import RESOURCES, theme  # noqa: E402
from desktop.window import Window  # noqa: E402
from desktop.words import choose  # noqa: E402
from engine.engine import Cancel, Engine, Places, finish  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SIZE = (1180, 760)
QUESTIONS = {
    "en": ("How does quantization save memory?", "quantization memory", "How much memory does a model take?"),
    "ja": ("量子化でメモリはどれだけ減りますか?", "量子化", "量子化すると何が変わりますか?"),
}
ASKED = {
    "en": ("Who can read my chats if my laptop is stolen?", "What is the tallest mountain in Peru?"),
    "ja": ("ノートパソコンを盗まれたら読まれますか？", "ペルーでいちばん高い山は？"),
}
DOCUMENTED = {"en": ("light", "dark"), "ja": ("light",)}
DOCUMENTED_IN_JAPANESE = ("chat", "documents")


def main() -> int:
    """Draw what was asked for; each combination in a process of its own, since Qt's scale is fixed at its start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every language, theme and scale, into FOLDER")
    parser.add_argument("--one", nargs=4, metavar=("LANGUAGE", "SCALE", "FOLDER", "WHICH"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        language, scale, folder, which = asked.one
        with tempfile.TemporaryDirectory() as data:
            os.environ["HOME"] = data  # the pictures show "~", not where they were drawn
            draw(language, "-2x" if scale == "2" else "", Path(folder), Path(data), everything=which == "all")
        return 0
    scales = "12" if asked.all else "1"
    folder = (asked.all or IMAGES).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for language in QUESTIONS:
        for scale in scales:
            which = "all" if asked.all else "documented"
            command = [sys.executable, __file__, "--one", language, scale, str(folder), which]
            environment = {**os.environ, "QT_SCALE_FACTOR": scale, "LC_ALL": "C.UTF-8"}
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 0


def draw(language: str, suffix: str, folder: Path, data: Path, *, everything: bool) -> None:
    """Fill a data folder, open the window on it and grab the pages."""
    app = QApplication([])
    choose(language, RESOURCES / "translations")
    theme().choose("light")
    kinds = ("light", "dark") if everything else DOCUMENTED[language]
    with Engine.open(Places(data / "Hanare")) as engine:
        fill(engine, data)
        jobs = Jobs()
        window = Window(engine, jobs, Remembered(engine.places.data))
        window.resize(*SIZE)
        window.show()
        settle(1.0)
        shut("app")
        window.measure()
        for name, prepare in SCENES.items():
            if language == "ja" and not everything and name not in DOCUMENTED_IN_JAPANESE:
                continue
            shown = prepare(window, jobs, language)
            for kind in kinds:
                theme().choose(kind)
                settle(0.3)
                keep(shown, folder / f"{name}-{kind}-{language}{suffix}.png")
        jobs.shut_down()
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    app.processEvents()


def keep(widget: QWidget, path: Path) -> None:
    """Write a picture of `widget`, small: without transparency, at Qt's best compression."""
    widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888).save(str(path), "PNG", 0)


def fill(engine: Engine, folder: Path) -> None:
    """The sample documents with their vectors."""
    papers = Path(shutil.copytree(engine.places.samples, folder / "Documents"))
    finish(engine.documents.add([papers], Cancel()))
    finish(engine.documents.embed(Cancel()))


# --- scenes: each prepares one picture and returns what to draw -----------------------------------


def welcome(window: Window, jobs: Jobs, language: str) -> QWidget:
    """The first window of all."""
    return page("chat", window, jobs, language)


def chat(window: Window, jobs: Jobs, language: str) -> QWidget:
    """What the guide knows, and what it does not."""
    view = window.built("chat")
    for question in ASKED[language]:
        view.send_requested.emit(question)
        wait_until_idle(jobs)
        settle(0.3)
    return window


def documents(window: Window, jobs: Jobs, language: str) -> QWidget:
    """Results of a search."""
    window.show_page("documents")
    window.built("documents").field.setText(QUESTIONS[language][1])
    settle(1.0)
    wait_until_idle(jobs)
    settle(3.0)  # the results by meaning follow
    wait_until_idle(jobs)
    return window


def ask(window: Window, jobs: Jobs, language: str) -> QWidget:
    """An answer in quotes, with no model."""
    view = window.built("documents")
    view.field.setText(QUESTIONS[language][2])
    view.model.setCurrentIndex(view.model.findData(None))
    view.field.returnPressed.emit()
    settle(1.0)
    wait_until_idle(jobs)
    return window


def viewer(window: Window, jobs: Jobs, language: str) -> QWidget:
    """The page that the first quote stands on."""
    view = window.built("documents")
    view.answer.cards[0].open.click()
    settle(0.5)
    wait_until_idle(jobs)
    settle(0.5)
    return window.findChild(ViewerWindow)


def compare(window: Window, jobs: Jobs, language: str) -> QWidget:
    """One prompt to the guide and to what it was earlier."""
    for opened in window.findChildren(ViewerWindow):
        opened.close()
    window.show_page("models")
    window.built("models").details.stages.click()
    settle(0.5)
    wait_until_idle(jobs)
    window.built("compare").composer.button.click()
    wait_until_idle(jobs)
    return window


def page(name: str, window: Window, jobs: Jobs, language: str) -> QWidget:
    """A page as it opens."""
    window.show_page(name)
    return window


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


SCENES: dict[str, Callable[[Window, Jobs, str], QWidget]] = {
    "welcome": welcome,
    "chat": chat,
    "documents": documents,
    "ask": ask,
    "viewer": viewer,
    "compare": compare,
    "models": partial(page, "models"),
    "privacy": partial(page, "privacy"),
    "settings": partial(page, "settings"),
}

if __name__ == "__main__":
    sys.exit(main())
