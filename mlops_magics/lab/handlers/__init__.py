"""One file for each kind of thing that the sidebar asks for."""
