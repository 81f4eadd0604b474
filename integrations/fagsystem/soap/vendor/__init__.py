"""A fagsystem by its vendor's own WSDL: settings say which of its operations is told what."""
