"""The event log of a board, and the aliases that follow from it."""
