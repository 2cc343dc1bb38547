"""What a training cell tells without being asked: it is run, watched, and its model and data are found.

`running` runs the cell as the user wrote it, `fits` notes what every ``.fit(X, y)`` was called with, `candidates` finds
the model among what the cell bound, `pinning` puts the findings where no option said otherwise.
"""
