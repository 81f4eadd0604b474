"""A released plan as a document that lasts: the PDF/A, and what the archive is told of it."""
