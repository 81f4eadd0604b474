"""A fagsystem that speaks FHIR R4: a Flag, or an EpisodeOfCare, by conditional update."""
