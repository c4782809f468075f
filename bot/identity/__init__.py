"""Who is asking: signed customer tokens; colleagues and their roles."""
