"""The Settings page: every setting of the engine, from its declaration."""
