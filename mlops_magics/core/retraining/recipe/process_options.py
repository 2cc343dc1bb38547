"""The state of a process that changes what a training gives: random generators, and options of libraries."""

from __future__ import annotations

import base64
import contextlib
import decimal
import json
import locale
import random
import site
import sys
import warnings
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mlops_magics.core.retraining.recipe import warning_filters

SKLEARN = ("transform_output", "assume_finite", "enable_metadata_routing", "enable_cython_pairwise_dist")


PANDAS = ("mode.string_storage", "future.infer_string", "compute.use_bottleneck", "compute.use_numexpr",
          "display.precision", "display.max_rows", "display.max_columns", "display.max_colwidth",
          "display.date_dayfirst", "display.date_yearfirst")  # fmt: skip
"""Options of pandas that change dtypes, the last digits of a sum, dates, or the text of a number."""
PRINTED = ("precision", "threshold", "edgeitems", "linewidth", "suppress", "nanstr", "infstr", "sign", "floatmode")
"""Options of numpy that change the text of an array."""


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
    sklearn, numpy, torch, pandas = (sys.modules.get(name) for name in ("sklearn", "numpy", "torch", "pandas"))
    context = decimal.getcontext()
    found: dict[str, Any] = {
        "decimal": {"prec": context.prec, "rounding": context.rounding},
        "locale": locale.setlocale(locale.LC_ALL),
        "warnings": warning_filters.current(),
    }
    if pandas is not None:
        found["pandas"] = _pandas_options(pandas)
    if sklearn is not None:
        found["sklearn"] = {key: value for key, value in sklearn.get_config().items() if key in SKLEARN}
    if numpy is not None:
        found["numpy"] = dict(numpy.geterr())
        found["numpy text"] = {name: numpy.get_printoptions()[name] for name in PRINTED}
    if torch is not None and hasattr(torch, "get_default_dtype"):
        found["torch"] = str(torch.get_default_dtype()).rpartition(".")[2]
    return found


def _pandas_options(pandas: Any) -> dict[str, Any]:
    """Return the options of `PANDAS` that this version has. A deprecated one warns when it is read."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in PANDAS:
            with contextlib.suppress(pandas.errors.OptionError):
                found[name] = pandas.get_option(name)
    return found


def _set_pandas_options(pandas: Any, options: Mapping[str, Any]) -> None:
    now = _pandas_options(pandas)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in options.items():
            if name in now and now[name] != value:
                pandas.set_option(name, value)


def import_folders() -> dict[str, list[str]]:
    """Return the folders of the notebook's own modules: those before Python's and its packages', and those behind."""
    libraries = {Path(each).resolve() for each in (sys.prefix, sys.base_prefix, *site.getsitepackages())}
    found: dict[str, list[str]] = {"first": [], "last": []}
    side = "first"
    for folder in (Path(each).resolve() for each in sys.path if each):
        if any(folder.is_relative_to(library) for library in libraries):
            side = "last"
        else:
            found[side].append(str(folder))
    return found


def restore_import_folders(folders: Mapping[str, Iterable[str]]) -> None:
    """Add the folders that `import_folders` returned, in their order, where this process does not have them."""
    known = {str(Path(each).resolve()) for each in sys.path if each}
    first, last = ([each for each in folders.get(side, ()) if each not in known] for side in ("first", "last"))
    sys.path[:] = [*first, *sys.path, *last]


def restore_library_options(options: Mapping[str, Any]) -> None:
    """Set the options that `library_options` returned. A version of an earlier release has only scikit-learn's."""
    if options.get("sklearn"):
        import sklearn

        sklearn.set_config(**options["sklearn"])
    if options.get("numpy"):
        import numpy as np

        np.seterr(**options["numpy"])
        np.set_printoptions(**options.get("numpy text", {}))
    if options.get("torch"):
        import torch

        torch.set_default_dtype(getattr(torch, options["torch"]))
    for name, value in options.get("decimal", {}).items():
        setattr(decimal.getcontext(), name, value)
    if options.get("pandas"):
        import pandas

        _set_pandas_options(pandas, options["pandas"])
    if options.get("locale") and options["locale"] != locale.setlocale(locale.LC_ALL):
        with contextlib.suppress(locale.Error):  # one that this machine does not have
            locale.setlocale(locale.LC_ALL, options["locale"])
    warning_filters.restore(options.get("warnings", ()))
