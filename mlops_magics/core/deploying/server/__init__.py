"""The endpoint's own processes: a supervisor that stays up, and workers that answer."""
