"""One loaded model: llama.cpp at work for the engine, in a process that may die alone.

Of llama-cpp-python only the low-level binding is used. Its package would first load the high-level class, with a cache
on disk and more, for a tenth of the time in which a process starts: so the package is put in place without that.
"""

import importlib.util
import sys


def _binding_alone() -> None:
    """Make `import llama_cpp` give the low-level binding's names, and load nothing else."""
    found = importlib.util.find_spec("llama_cpp")
    if found is None:
        raise ModuleNotFoundError("llama-cpp-python is not installed", name="llama_cpp")
    package = importlib.util.module_from_spec(found)  # without running it
    sys.modules["llama_cpp"] = package
    low = importlib.import_module("llama_cpp.llama_cpp")
    package.__dict__.update({name: value for name, value in vars(low).items() if not name.startswith("_")})


if "llama_cpp" not in sys.modules:
    _binding_alone()
