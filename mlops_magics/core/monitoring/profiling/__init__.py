"""Reference profiles: the distributions of features."""
