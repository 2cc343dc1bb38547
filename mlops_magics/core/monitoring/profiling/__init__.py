"""Reference profiles: how features are distributed."""
