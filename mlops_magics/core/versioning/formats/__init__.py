"""How models become bytes and come back: one handler for each format."""
