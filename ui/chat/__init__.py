"""The customer's chat page."""
