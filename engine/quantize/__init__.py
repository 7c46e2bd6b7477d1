"""A smaller model from a larger one, and what that cost."""

from engine.quantize.measuring import Measuring
from engine.quantize.quantizing import Quantizing

__all__ = ["Measuring", "Quantizing"]
