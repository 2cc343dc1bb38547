"""What code reads that may differ in another run."""

from __future__ import annotations

import pytest

from mlops_magics.core.retraining.recipe.recipe import Recipe
from mlops_magics.core.retraining.recipe.varying_calls import (
    ADDRESSES,
    CLOCK,
    ENTROPY,
    ENVIRONMENT,
    ORDER,
    varying_calls,
)

VARYING = {
    "import datetime as dt\nlast = rows[rows.day > dt.datetime.now() - dt.timedelta(90)]": CLOCK,
    "from time import time\nseed = int(time())": CLOCK,
    "import time\nbegan = time.time()\nseed = int(began)": CLOCK,
    "import pandas as pd\nnow = pd.Timestamp('now')": CLOCK,
    "import time\nhour = time.localtime().tm_hour": CLOCK,
    "import os\ntrees = int(os.environ['TREES'])": ENVIRONMENT,
    "from os import getenv as read\ntrees = int(read('TREES', 3))": ENVIRONMENT,
    "import numpy as np\nrng = np.random.default_rng()": ENTROPY,
    "import uuid\nname = uuid.uuid4()": ENTROPY,
    "fold = hash(name) % 5": ADDRESSES,
    "features = list(set(X.columns) - {'id'})": ORDER,
    "names = set(X.columns)\nX = X[[*names]]": ORDER,
    "for name in {'a', 'b'}:\n    pass": ORDER,
    "first = [each for each in set(X).difference(y)]": ORDER,
    "rows = np.array(kept)": ORDER,
}
STEADY = (
    "import time\nbegan = time.time()\nmodel.fit(X, y)\nprint(time.time() - began)",
    "import time\nbegan = time.perf_counter()",
    "import datetime as dt\nday = dt.date(2026, 1, 3)",
    "import numpy as np\nrng = np.random.default_rng(3)",
    "features = sorted(set(X.columns) - {'id'})",
    "known = X['a'].isin({'a', 'b'}) & (len(set(y)) > 2)",
    "numbers = list({1, 2, 3})",
    "import time\nmoment = time.localtime(0)",
)


@pytest.mark.parametrize("code", VARYING)
def test_reads_that_differ_in_another_run_are_named(code: str) -> None:
    """Clock, environment, entropy, addresses and the order of a set, by any name of the module."""
    (found,) = varying_calls(code, ["kept"])

    assert found.startswith(VARYING[code])
    assert f"It reads {found}, so another run may give another model." in Recipe(varies=(found,)).sentence


@pytest.mark.parametrize("code", STEADY)
def test_what_gives_the_same_in_each_run_is_not_named(code: str) -> None:
    """A measured duration, a fixed day, a seeded generator, a sorted set."""
    assert varying_calls(code) == ()
