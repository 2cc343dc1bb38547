"""Where the bytes of a board lie: one file for each kind of place."""
