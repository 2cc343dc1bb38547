"""The state of a process that changes what a training gives: random generators, and options of libraries."""

from __future__ import annotations

import base64
import decimal
import json
import random
import sys
import zlib
from collections.abc import Mapping
from typing import Any

SKLEARN = ("transform_output", "assume_finite", "enable_metadata_routing", "enable_cython_pairwise_dist")


def random_state() -> str | None:
    """Return the states of the global generators of Python, numpy and torch, as text."""
    found: dict[str, Any] = {"python": random.getstate()}
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        kind, keys, *rest = numpy.random.get_state()
        found["numpy"] = [kind, keys.tolist(), *rest]
    if torch is not None and hasattr(torch, "get_rng_state"):
        found["torch"] = torch.get_rng_state().tolist()
    return base64.b64encode(zlib.compress(json.dumps(found).encode(), 9)).decode()


def restore_random_state(text: str | None) -> None:
    """Set the generators to a state that `random_state` returned."""
    if text is None:
        return
    found = json.loads(zlib.decompress(base64.b64decode(text)))
    version, numbers, gauss = found["python"]
    random.setstate((version, tuple(numbers), gauss))
    if "numpy" in found:
        import numpy as np

        np.random.set_state(tuple(found["numpy"]))
    if "torch" in found:
        import torch

        torch.set_rng_state(torch.tensor(found["torch"], dtype=torch.uint8))


def library_options() -> dict[str, Any]:
    """Return the process-wide options that change results, of the libraries that are imported."""
    sklearn, numpy, torch = (sys.modules.get(name) for name in ("sklearn", "numpy", "torch"))
    context = decimal.getcontext()
    found: dict[str, Any] = {"decimal": {"prec": context.prec, "rounding": context.rounding}}
    if sklearn is not None:
        found["sklearn"] = {key: value for key, value in sklearn.get_config().items() if key in SKLEARN}
    if numpy is not None:
        found["numpy"] = dict(numpy.geterr())
    if torch is not None and hasattr(torch, "get_default_dtype"):
        found["torch"] = str(torch.get_default_dtype()).rpartition(".")[2]
    return found


def restore_library_options(options: Mapping[str, Any]) -> None:
    """Set the options that `library_options` returned. A version of an earlier release has only scikit-learn's."""
    if options.get("sklearn"):
        import sklearn

        sklearn.set_config(**options["sklearn"])
    if options.get("numpy"):
        import numpy as np

        np.seterr(**options["numpy"])
    if options.get("torch"):
        import torch

        torch.set_default_dtype(getattr(torch, options["torch"]))
    for name, value in options.get("decimal", {}).items():
        setattr(decimal.getcontext(), name, value)
