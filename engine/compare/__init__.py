"""The same prompt to several models, side by side.

    for event in comparisons.run("Explain a fuse box.", (1, 2), cancel):
        ...

Nothing is kept: a comparison lives as long as its page.
"""

from engine.compare.comparisons import Comparisons

__all__ = ["Comparisons"]
