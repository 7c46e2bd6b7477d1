"""The process that turns passages into vectors: the only one that loads torch.

`python -m engine.worker.embedder` serves Embed. The model comes with a package; its weights are
checked against a hash written down here before they are loaded, and nothing is ever fetched.
"""
