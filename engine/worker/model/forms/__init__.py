"""Keeping an answer to its form: what may come next, and what is to be said of the answer in the end."""
