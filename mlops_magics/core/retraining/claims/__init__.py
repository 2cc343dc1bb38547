"""Claims: one run at a time makes the next version of a model, over all machines.

A claim is an event of the board's log, which every writer appends to under the next number. That number fences the
run: a later claim wins, and an older run can no longer move an alias.
"""
