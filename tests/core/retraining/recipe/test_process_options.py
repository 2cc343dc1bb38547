"""The state of a process that changes what a training gives."""

from __future__ import annotations

import decimal
import json
import random

import numpy as np

from mlops_magics.core.retraining.recipe import process_options


def test_generators_and_options_come_back_as_they_were() -> None:
    """They are kept as JSON; options of an earlier release are scikit-learn's alone."""
    options = json.loads(json.dumps(process_options.library_options()))
    state = process_options.random_state()
    first = (random.random(), np.random.rand())
    before = np.seterr(all="ignore")
    decimal.getcontext().prec += 3
    process_options.restore_library_options(options)
    process_options.restore_random_state(state)

    assert (random.random(), np.random.rand()) == first
    assert np.geterr() == before
    assert process_options.library_options() == options
    process_options.restore_library_options({"sklearn": {}})
