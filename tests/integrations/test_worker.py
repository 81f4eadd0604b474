"""Deliveries through the engine to the real targets: told in order, cancelled when consent ends, confirmed once."""
