"""The demo town and the cast that the tests share."""
