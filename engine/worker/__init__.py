"""The other processes. Each module here that serves a desk is started, never imported."""
