"""How it is answered: acts, and the questions that are no rows under a mask."""
