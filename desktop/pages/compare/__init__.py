"""The compare page: one prompt, two models, side by side."""
