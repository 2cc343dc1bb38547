"""Claims: one run at a time makes the next version of a model, whoever starts it and wherever.

A claim is an event of the board's log, which every writer appends to under the next number; that number fences the
run: whoever claims later wins, and an older run can no longer move an alias.
"""
