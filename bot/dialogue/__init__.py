"""Decides what to do about a message and judges what came of it; pure functions."""
