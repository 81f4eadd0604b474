"""Fagsystemer that nothing can be sent to: what they would be told is a task for the unit."""
