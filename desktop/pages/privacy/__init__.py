"""The Privacy page: what leaves this computer, and what a person can do and check about it."""
