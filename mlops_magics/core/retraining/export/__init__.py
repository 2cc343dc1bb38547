"""Export: a file with which an orchestrator runs a policy, by calling the command line.

Neither a value of the policy nor a secret is in such a file: it names the model, the policy and environment variables.
`export_plan` is the content of every file, `quoting` quotes words for each template engine, one module writes and reads
each kind of file, and `export_files` writes a file only when reading it back gives the plan.
"""
