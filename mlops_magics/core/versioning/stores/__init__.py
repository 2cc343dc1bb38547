"""The stores of boards, one file for each kind of place."""
