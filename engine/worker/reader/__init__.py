"""The process that reads documents: the only one that opens a file from elsewhere.

`python -m engine.worker.reader` serves Read and Draw. It has limits on memory and time, writes
nothing, and is replaced when it dies; the engine keeps the texts it reported.
"""
