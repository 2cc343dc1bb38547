"""The verbs as a user types them: one verb, one file, each one call on the session. `verbs` lists them.

A verb is declared once (`verb`): its magic (`registration`), its completion (`completion`) and its command in a shell
(`mlops_magics.cli`) are derived from that. `cell` finds the facts of a training cell by itself.
"""
