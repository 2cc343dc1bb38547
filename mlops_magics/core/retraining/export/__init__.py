"""Export: a file with which an orchestrator carries a policy out, by calling the command line.

Neither a value of the policy nor a secret is in such a file: it names the model, the policy and environment variables.
`export_plan` is what every file says, `quoting` how a word survives each template engine, one module writes and reads
each kind of file, and `export_files` writes a file only when reading it back gives the plan.
"""
