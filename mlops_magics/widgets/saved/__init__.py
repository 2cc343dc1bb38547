"""Records as HTML that needs no script and no network: what the live views show, drawn once from the same records."""
