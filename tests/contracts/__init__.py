"""The promises of each protocol."""
