"""Scripted conversations, played with the release that comes with the package."""
