"""Finds slot values in an utterance by rules and lookups; no model."""
