"""What a fagsystem asks the hub about a person in FHIR R4: the same records that others are sent."""
