"""What must survive a restart: the log of conversations, releases, colleagues."""
