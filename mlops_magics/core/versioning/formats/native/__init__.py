"""Checks of the native files of boosters, before a library that reads them without bounds gets them."""
