"""How llama.cpp is built: once for us, and once for the programs it is compared with.

The one place for these flags. `set_up.py` and `reference.py` read it; it imports nothing of ours
and works with any Python.
"""

import hashlib
import os
import shutil
import tempfile

VERSION = "0.3.36"  # of llama-cpp-python, the one that packaging/constraints.txt names
SDIST_SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"

# What decides how fast the code is. Not tuned to the machine that builds: GGML_NATIVE would make
# a program that dies on an older processor. Its default level is AVX2, FMA and F16C (2013 and on).
# SOURCE_DATE_EPOCH must not be set while building: it silently turns all of that off.
SPEED = ["-DCMAKE_BUILD_TYPE=Release", "-DGGML_NATIVE=OFF"]

# What is left out, and where the rest is put: beside the Python files, once. Of `libmtmd`, which a model sees with,
# the part that starts a program to read videos is left out too.
LEAN = [
    "-DLLAVA_BUILD=ON",
    "-DMTMD_VIDEO=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_TOOLS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_SERVER=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DCMAKE_INSTALL_LIBDIR=llama_cpp/lib",
    "-DCMAKE_INSTALL_BINDIR=llama_cpp/lib",
    "-DCMAKE_INSTALL_INCLUDEDIR=llama_cpp/include",
]

# The reference programs need the common library, nothing that speaks to a network beyond this computer, and no page to
# show, which would be fetched while building.
REFERENCE = [
    "-DLLAMA_BUILD_COMMON=ON",
    "-DLLAMA_BUILD_TOOLS=ON",
    "-DLLAMA_BUILD_SERVER=ON",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_CURL=OFF",
]


INCLUDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lean.cmake")
MARK = os.path.join("llama_cpp", "lib", "built-for-hanare.txt")  # holds `build_id`; written by lean.cmake


def build_id() -> str:
    """Changes with the version, the flags and the CMake file that a build of ours is made with."""
    with open(INCLUDE, "rb") as file:
        told = repr((VERSION, SPEED, LEAN)).encode() + file.read()
    return hashlib.sha256(told).hexdigest()[:16]


def cmake_args() -> str:
    """The value of CMAKE_ARGS with which pip builds llama-cpp-python."""
    include = INCLUDE
    if " " in include:  # CMAKE_ARGS is split at spaces, and there is no way to quote one
        include = shutil.copy(include, os.path.join(tempfile.gettempdir(), "lean.cmake"))
    include = include.replace("\\", "/")
    ours = ["-DHANARE_BUILD=" + build_id(), "-DCMAKE_PROJECT_llama_cpp_INCLUDE=" + include]
    return " ".join([*SPEED, *LEAN, *ours])
