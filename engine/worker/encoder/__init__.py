"""The process that makes vectors of texts, rates them for a question or judges one by another, by llama.cpp.

`python -m engine.worker.encoder` serves Load, then Embed, Rerank or Classify, whichever its model is for.
"""
