"""Pages without a framework: the landing page, the help pages, the API's documentation."""
