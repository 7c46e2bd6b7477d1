"""The process that makes GGUF files of safetensors: models of a few families, and LoRA adapters for them."""
