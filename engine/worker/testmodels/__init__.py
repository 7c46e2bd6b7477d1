"""The process that writes the tiny test models: real machinery, random weights, noise for text."""
