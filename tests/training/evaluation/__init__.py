"""Tests of what measures models."""
