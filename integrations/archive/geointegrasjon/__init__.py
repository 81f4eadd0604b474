"""The archive over GeoIntegrasjon 1.1: the SOAP services that Norwegian municipalities' archives have."""
