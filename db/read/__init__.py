"""Questions: compiled into one statement each."""
