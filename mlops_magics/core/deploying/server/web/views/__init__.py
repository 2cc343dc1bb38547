"""Flask's routes, one blueprint for each subject."""
