"""The facts of a training cell: it is run, watched, and its model and data are found.

`running` runs the cell as the user wrote it, `fits` notes the arguments of every ``.fit(X, y)``, `candidates` finds
the model among the names that the cell bound, `pinning` fills in the findings where no option was given.
"""
