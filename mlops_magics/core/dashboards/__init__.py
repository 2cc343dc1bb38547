"""Dashboards: the monitoring of a model over all its verdicts and metrics, as one page that loads nothing."""
