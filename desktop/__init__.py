"""Hanare's window. Knows the engine by four doors: `engine.engine`, `.types`, `.events`, `.errors`."""
