"""Who may see what, now: the ledger, the mask, and the one way out."""
