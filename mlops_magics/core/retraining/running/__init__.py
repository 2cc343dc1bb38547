"""A run: the recipe in a process of its own, step by step, with a journal that a killed run is continued from.

`job` is the folder that both processes share, `recipe_mode` what the recipe's process may do, `recipe_process` starts
and watches it, `run_steps` puts a run together.
"""
