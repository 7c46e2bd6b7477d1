"""The only process that speaks HTTP: fetches one file of the hub and ends."""
