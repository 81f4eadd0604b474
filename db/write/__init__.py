"""Changes: each inside its caller's transaction."""
