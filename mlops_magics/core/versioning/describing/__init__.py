"""The description of a version: prototype, lineage, packages, and the metadata file that holds them."""
