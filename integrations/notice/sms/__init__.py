"""Notices by SMS, over a gateway's HTTP."""
