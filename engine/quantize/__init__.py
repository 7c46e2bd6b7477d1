"""A smaller model from a larger one."""

from engine.quantize.quantizing import Quantizing

__all__ = ["Quantizing"]
