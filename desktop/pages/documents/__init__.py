"""The documents page: the person's files, searched and asked."""
