"""The same engine from a terminal: one file for each family of commands."""
