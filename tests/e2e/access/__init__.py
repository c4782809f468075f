"""Attempts to get at another customer's data, by every door."""
