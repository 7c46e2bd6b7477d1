"""One loaded model: llama.cpp at work for the engine, in a process that may die alone."""
