"""Publication, annotation, copy and export of versions."""
