"""A run: the recipe in a process of its own, step by step, with a journal from which a killed run is continued.

`job` is the folder that both processes share, `recipe_mode` the limits of the recipe's process, `recipe_process` starts
and watches it, `run_steps` combines the steps of a run.
"""
