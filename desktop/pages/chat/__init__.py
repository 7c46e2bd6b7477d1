"""The chat page: conversations, kept; answers, streamed."""
