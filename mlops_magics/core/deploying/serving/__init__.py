"""A loaded model and the requests that it answers."""
