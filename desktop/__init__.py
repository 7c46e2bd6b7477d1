"""Hanare's window. Knows the engine by its doors: `engine.engine`, and `.types`, `.events`, `.errors`, `.walls`,
`.network`, `.ways`, `.kept`."""
