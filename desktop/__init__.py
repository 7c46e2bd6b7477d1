"""Hanare's window. Knows the engine by its doors: `engine.engine`, `.types`, `.events`, `.errors`, `.walls`, `.network`,
`.ways`."""
