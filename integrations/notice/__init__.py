"""Notices to people, by e-mail and SMS: that there is something new, and where."""
