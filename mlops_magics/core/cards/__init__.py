"""Model cards: what the board knows of a version, and what people wrote about it."""
