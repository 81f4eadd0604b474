"""What the law and the routines say, pure: no clock, no database."""
