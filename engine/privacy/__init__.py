"""What keeps the person's data theirs: the store's key, and one writer at a time."""
