"""The catalogue of a board as a static site: a page to search, and a page for each model."""
