"""The doors: command line, HTTP, pages."""
