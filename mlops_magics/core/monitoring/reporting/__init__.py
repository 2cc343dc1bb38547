"""The parts of a monitor report."""
