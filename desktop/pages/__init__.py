"""One package a page: `view` shows and wishes, `presenter` acts. Pages do not know each other."""
