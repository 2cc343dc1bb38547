"""Every statistic as a pure function of two samples, and the registry of their names."""
