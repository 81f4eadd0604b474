"""The archive as a folder: for municipalities without an interface, and for trying the hub."""
