"""The services' own systems."""
