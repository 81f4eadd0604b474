"""A fagsystem that implements the hub's own SOAP contract, HarStafettlogg v1."""
