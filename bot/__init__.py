"""The assistant: one message in, one reply out."""
