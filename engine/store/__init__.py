"""The encrypted store: one file, and the only place that knows SQL.

    store = Store(places.store, key)
    store.chats.all()

Each kind of thing has a class of rows that returns the values of `engine.types`.
"""

from engine.store.store import Store

__all__ = ["Store"]
