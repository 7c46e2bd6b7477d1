"""Models and adapters as they are trained, made into files that llama.cpp reads."""

from engine.convert.converting import Converting

__all__ = ["Converting"]
