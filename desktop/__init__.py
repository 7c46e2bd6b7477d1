"""Hanare's window. Knows the engine by five doors: `engine.engine`, `.types`, `.events`, `.errors`, `.walls`."""
