"""Policies: on which cadence or trigger a model is retrained, kept with the model, and carried out by anyone who asks.

`schedule` knows the due times, `condition` reads triggers such as ``accuracy<0.9``, `policy` is the record,
`policy_pin` keeps it on the board, `due` says whether it is due and why not, `policy_runs` carries out those that are.
"""
