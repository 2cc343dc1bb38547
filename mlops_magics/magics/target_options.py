"""The option that targets share: ``--set NAME=VALUE``."""

from __future__ import annotations

import argparse

from mlops_magics.magics.verb import option


def name_and_value(text: str) -> tuple[str, str]:
    """Read ``NAME=VALUE``."""
    name, mark, value = text.partition("=")
    if not mark or not name:
        raise argparse.ArgumentTypeError(f"a setting is NAME=VALUE, not {text!r}")
    return name, value


SET = option("--set", "an option of the target", type=name_and_value, action="append", metavar="NAME=VALUE")
