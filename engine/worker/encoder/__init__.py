"""The process that turns texts into vectors, or rates texts for a question, with a GGUF model and llama.cpp.

`python -m engine.worker.encoder` serves Load, then Embed or Rerank, whichever its model is for.
"""
