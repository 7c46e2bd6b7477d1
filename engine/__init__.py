"""Hanare's engine: everything the program can do, without a window.

    from engine.engine import Engine
    with Engine.open(Places(folder)) as engine:
        report = finish(engine.documents.add([path], Cancel()))

The desktop enters by these doors: `engine.engine`, `engine.types`, `engine.events`, `engine.errors`,
`engine.walls`, `engine.network`, `engine.ways`, `engine.kept`.
"""
