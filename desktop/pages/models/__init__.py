"""The Models page: which models are here, what they are, what they need."""
