"""Recipes: code and values that make a version again with new data, collected when it is pinned.

`free_names` finds the names that a cell reads, `live_values` turns each value into code that rebuilds it, `cell_recipe`
combines both, `notebook_recipe` reads a notebook
with a cell of parameters, `row_sketch` recognises training rows without keeping them.
"""
