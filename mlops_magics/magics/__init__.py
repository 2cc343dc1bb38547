"""The verbs as a user says them: one verb, one file, each one call on the session; `verbs` lists them.

A verb is declared once (`verb`): its magic (`registration`), its completion (`completion`) and its command in a shell
(`mlops_magics.cli`) are derived from that. What a training cell tells without being asked is found in `cell`.
"""
