"""The magics room."""
