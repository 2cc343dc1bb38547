"""Records as HTML that needs no script and no network: the live views, drawn once from the same records."""
