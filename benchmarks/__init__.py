"""Measures what the design promises; run with `make benchmark`."""
