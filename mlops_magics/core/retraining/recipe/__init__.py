"""Recipes: what a version needs so that it can be made again with new data, worked out when it is pinned.

`free_names` finds the names that a cell reads, `live_values` turns each value into code that rebuilds it, `cell_recipe`
puts both together, `notebook_recipe` reads a notebook
with a cell of parameters, `row_sketch` remembers the training rows without keeping them.
"""
