"""The core of the package, which works without a notebook."""
