"""The real model process without its walls, for `bench/walls.py` alone."""

from engine.worker import desk
from engine.worker.model.__main__ import main

if __name__ == "__main__":
    for wall in ("seal", "confine"):
        setattr(desk, wall, lambda *_: None)
    main()
