"""Request bodies become checked tables."""
