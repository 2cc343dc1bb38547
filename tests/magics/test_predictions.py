"""What `%predict` returns is an array like any other, but 800 answers are displayed in a few lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from IPython.core.error import UsageError
from IPython.core.formatters import PlainTextFormatter

from mlops_magics.magics.predictions import ARRAY, Predictions


@pytest.fixture
def shown() -> tuple[PlainTextFormatter, Predictions]:
    """IPython's formatter of text with our display of arrays, and what it remembers."""
    formatter, last = PlainTextFormatter(), Predictions()
    formatter.for_type_by_name(*ARRAY, last.print)
    return formatter, last


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (np.repeat(["no", "yes"], [412, 1000]), "1,412 predictions: yes 1,000, no 412"),
        (np.array([None, "b"] * 400, dtype=object), "800 predictions\n"),
        (np.linspace(0.5, 9.5, 800), "800 predictions: 0.5 to 9.5, mean 5"),
        (np.array([str(each) for each in range(800)]), "800 predictions: 800 different ones"),
        (np.zeros((800, 3)), "800 predictions\n"),
        (np.full(800, np.nan), "800 predictions: nan 800"),
    ],
)
def test_many_predictions_are_displayed_in_short_once(shown: Any, found: Any, words: str) -> None:
    """Their number, their classes or their range, and the ends; asked for again, all of them as numpy has them."""
    formatter, last = shown
    last.keep(found)
    text = formatter(found)

    assert text.startswith(words)
    assert len(text.splitlines()) <= 8
    assert formatter(found) == repr(found)


@pytest.mark.parametrize("found", [np.arange(5), [1] * 800, None, np.array(3.0)])
def test_few_predictions_and_other_arrays_are_displayed_as_they_are(shown: Any, found: Any) -> None:
    """Another array is not taken for the predictions, and no kind of record is refused."""
    formatter, last = shown
    last.keep(found)
    other = np.arange(50)

    assert formatter(other) == repr(other)


def test_a_cell_displays_them_in_short(birds: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The shell displays `%predict` through the same formatter."""
    birds.run("%%pin_model many --test X_test y_test\nmodel = LogisticRegression().fit(X, y)")
    found = birds.run("%predict many __import__('pandas').concat([X_test] * 4)")

    assert f"{len(found):,} predictions: adelie " in capsys.readouterr().out


def test_data_without_a_folder_of_outputs_names_the_line(shell: Any) -> None:
    """`--data` is the option of batch scoring, and people try it for one frame too."""
    with pytest.raises(UsageError, match=r"`--to DIR` is missing.*`%predict many X_test`"):
        shell.run("%predict many --data X_test")
