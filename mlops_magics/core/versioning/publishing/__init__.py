"""Writing versions: publish, annotate, copy, export."""
