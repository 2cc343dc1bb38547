"""Everything that works without a notebook."""
