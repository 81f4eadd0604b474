"""The municipality's archives: one folder per system that a plan version can be put into."""
