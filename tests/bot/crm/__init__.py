"""Tests of the CRM."""
