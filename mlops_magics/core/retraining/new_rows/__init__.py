"""The new rows of a retraining: read from any source, checked against the version, some of them held out.

`row_source` reads them, `column_checks` compares them with the version's training data, `hold_out` splits them.
"""
