"""Measures models: on files, on the user's own catalogue, on public sets; and shows the result to people."""
