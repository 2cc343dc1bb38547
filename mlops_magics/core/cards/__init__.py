"""Model cards: the board's facts of a version, and texts that people wrote about it."""
