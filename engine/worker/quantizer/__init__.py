"""The process that makes a model smaller, and measures which of its weights a text uses."""
