"""Policies: the cadence or trigger of a model's retraining, kept with the model, and run by anyone who calls them.

`schedule` computes the due times, `condition` reads triggers such as ``accuracy<0.9``, `policy` is the record,
`policy_pin` keeps it on the board, `due` decides whether it is due, with the reason, `policy_runs` runs those that are.
"""
