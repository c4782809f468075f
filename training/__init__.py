"""Builds models and releases in a process of its own; never imported while serving."""
