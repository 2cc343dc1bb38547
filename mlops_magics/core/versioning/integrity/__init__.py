"""Verified bytes, trusted boards and signatures."""
