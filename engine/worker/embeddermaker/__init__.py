"""The process that writes the embedding model which Hanare comes with as a GGUF file, for llama.cpp to read."""
