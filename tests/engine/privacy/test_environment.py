"""Of the environment that it was started in the program keeps nothing that could load foreign code or leak."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="elsewhere a program cannot start itself again in its place")

TELLS = """
import json, os, sys
from engine.privacy.environment import clean, still_at_work, taken_out
{before}
clean()
maps = open("/proc/self/maps").read() if os.path.exists("/proc/self/maps") else ""
print(json.dumps({{"environment": dict(os.environ), "taken": taken_out(), "held": still_at_work(),
                   "pid": os.getpid(), "arguments": sys.argv[1:], "foreign": hasattr(sys, "foreign"),
                   "preloaded": "libggml-base" in maps, "input": sys.stdin.read()}}))
"""


def told(*, before: str = "", pythonpath: str = str(ROOT), **environment: str) -> dict[str, Any]:
    """What a program tells that cleaned its environment."""
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with subprocess.Popen(
        [sys.executable, "-c", TELLS.format(before=before), "--data", "離れ"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**plain, "PYTHONPATH": pythonpath, **environment},
    ) as process:  # fmt: skip
        out, errors = process.communicate("said", timeout=60)
    assert process.returncode == 0, errors
    found: dict[str, Any] = json.loads(out)
    assert (found["arguments"], found["input"]) == (["--data", "離れ"], "said")
    assert found["pid"] == process.pid
    return found


def library() -> str:
    """A library that Python itself does not load."""
    found = importlib.util.find_spec("llama_cpp")
    assert found
    assert found.origin
    return next(str(path) for path in (Path(found.origin).parent / "lib").iterdir() if "libggml-base" in path.name)


def test_what_a_desktop_needs_stays_as_it_is_and_nothing_is_started_again() -> None:
    kept = {
        "DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/run/user/1", "LANG": "ja_JP.UTF-8",
        "QT_QPA_PLATFORM": "wayland;xcb", "QT_SCALE_FACTOR": "2", "QT_IM_MODULE": "ibus", "HANARE_DATA": "/x",
        "XMODIFIERS": "@im=ibus", "HTTPS_PROXY": "http://proxy", "SSL_CERT_FILE": "/x.pem", "PYTHONUTF8": "1",
        "LD_LIBRARY_PATH": "/usr/local/cuda/lib64", "HF_ENDPOINT": "https://mirror.example", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    found = told(**kept)
    assert (found["taken"], found["held"]) == ([], [])
    assert {name: found["environment"][name] for name in kept} == kept
    assert "HANARE_STARTED_AGAIN" not in found["environment"]


@pytest.mark.parametrize(
    "name",
    [
        "LD_AUDIT", "LD_DEBUG", "DYLD_INSERT_LIBRARIES", "PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONWARNINGS",
        "PYTHONPYCACHEPREFIX", "PYTHON_KEYRING_BACKEND", "QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH",
        "QT_QPA_PLATFORMTHEME", "QT_STYLE_OVERRIDE", "QML2_IMPORT_PATH", "QML_IMPORT_TRACE", "GTK_MODULES",
        "GTK3_MODULES", "GTK_PATH", "GIO_EXTRA_MODULES", "GDK_PIXBUF_MODULE_FILE", "OPENSSL_CONF", "SSLKEYLOGFILE",
        "VK_ICD_FILENAMES", "LIBGL_DRIVERS_PATH", "GCONV_PATH", "BASH_ENV", "KEYRING_PROPERTY_KEYCHAIN",
    ],
)  # fmt: skip
def test_what_could_load_foreign_code_or_leak_is_taken_out_and_named(name: str, tmp_path: Path) -> None:
    found = told(**{name: str(tmp_path / "foreign")})
    assert (found["taken"], found["held"]) == ([name], [])
    assert name not in found["environment"]


@pytest.mark.parametrize("platform", ["vnc", "vnc:port=5900", "xcb;vnc", "./foreign", "xcb:/foreign/x", ""])
def test_a_platform_of_qt_that_opens_a_port_or_is_a_path_is_taken_out(platform: str) -> None:
    found = told(QT_QPA_PLATFORM=platform, QT_IM_MODULE="qtvirtualkeyboard")
    assert found["taken"] == ["QT_IM_MODULE", "QT_QPA_PLATFORM"] if platform else ["QT_IM_MODULE"]
    assert found["environment"].get("QT_QPA_PLATFORM", "") == ""


@pytest.mark.skipif(sys.platform != "linux", reason="it is the loader of Linux that is asked")
def test_a_library_that_was_put_before_all_others_is_gone_after_one_new_start() -> None:
    control = subprocess.run(
        [sys.executable, "-c", "print('libggml-base' in open('/proc/self/maps').read())"],
        env={**os.environ, "LD_PRELOAD": library()}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert control.stdout.strip() == "True"
    found = told(LD_PRELOAD=library(), LD_LIBRARY_PATH=f"/foreign:/usr/lib:{Path(library()).parent}:/usr/../foreign")
    assert found["preloaded"] is False
    assert found["taken"] == ["LD_LIBRARY_PATH", "LD_PRELOAD"]
    assert found["environment"]["LD_LIBRARY_PATH"] == "/usr/lib"


def test_a_folder_before_pythons_own_is_gone_after_one_new_start_and_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.foreign = True\n")
    both = f"{tmp_path}{os.pathsep}{ROOT}"
    control = subprocess.run(
        [sys.executable, "-c", "import sys; print(hasattr(sys, 'foreign'))"],
        env={**os.environ, "PYTHONPATH": both}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert control.stdout.strip() == "True"
    found = told(pythonpath=both)
    assert (found["foreign"], found["taken"]) == (False, ["PYTHONPATH"])
    assert found["environment"]["PYTHONPATH"] == str(ROOT)
    assert told(pythonpath=f"{ROOT}{os.sep}")["taken"] == []


def test_a_start_that_brings_it_in_again_is_not_tried_twice_and_is_told(tmp_path: Path) -> None:
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexport PYTHONWARNINGS=ignore\nexec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    found = told(before=f"import sys; sys.executable = {str(wrapper)!r}", PYTHONWARNINGS="ignore")
    assert (found["taken"], found["held"]) == (["PYTHONWARNINGS"], ["PYTHONWARNINGS"])
    assert "PYTHONWARNINGS" not in found["environment"]


def test_nobody_can_say_that_it_was_started_again() -> None:
    found = told(HANARE_STARTED_AGAIN="1 DISPLAY", PYTHONWARNINGS="ignore")
    assert (found["taken"], found["held"]) == (["PYTHONWARNINGS"], [])
