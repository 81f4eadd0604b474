"""The archive over KS Fiks Arkiv V1, carried by Fiks IO."""
