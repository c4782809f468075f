"""Tests of slot values."""
