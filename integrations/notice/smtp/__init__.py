"""Notices by e-mail, over SMTP."""
