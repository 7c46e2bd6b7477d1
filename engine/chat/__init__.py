"""Asking a model and keeping what it said.

    for event in chats.send(chat_id, "Why is the sky blue?", cancel, model_id):
        ...

Owns conversations and prompts. Does not know how a model runs (`engine.runtime`) nor how
passages are found (`engine.documents`).
"""

from engine.chat.chats import Chats
from engine.chat.pictures import Pictures

__all__ = ["Chats", "Pictures"]
