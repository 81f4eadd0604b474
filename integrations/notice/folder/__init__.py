"""Notices as files in a folder: for the demo."""
