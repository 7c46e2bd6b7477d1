"""Which files a model lies in."""

import re

_PART = re.compile(r"(.*)-\d{5}-of-(00\d{3})\.gguf", re.DOTALL)


def parts(path: str) -> tuple[str, ...]:
    """The files that llama.cpp opens for `path`: the file, or all files of a model that comes in several."""
    found = _PART.fullmatch(path)
    if not found:
        return (path,)
    return tuple(f"{found[1]}-{number:05d}-of-{found[2]}.gguf" for number in range(1, int(found[2]) + 1))
