"""The owner's operations on endpoints: starting, finding, controlling."""
