"""The next steps of an assessment help: a team that inserts and runs them climbs."""

from __future__ import annotations

import pandas as pd
from sklearn.linear_model import LogisticRegression

from tests.magics.conftest import Shell

PLACES = {"MODEL": "LogisticRegression()", "NEW": "new", "LIMIT": "0.5"}
"""Values for the words that a reader replaces."""
NOT_HERE = ("BUCKET", "PRIVATE", "run_policies")
"""Steps that require a store, a key, or time that passes."""


def test_a_team_climbs_by_the_steps_that_it_is_given(birds: Shell, rows: pd.DataFrame, species: pd.Series) -> None:
    """From an empty board, each cell runs as it is, and no step is given again after it ran, but a second look."""
    birds.give(LogisticRegression=LogisticRegression, new=rows.assign(y=species))
    birds.run("y = y.rename('y')")
    run: list[str] = []
    for _ in range(7):
        for endpoint in birds.session.endpoints_running():
            endpoint.settle()  # the log has what was asked a moment ago
        found = birds.session.readiness(keep=False)
        steps = [each.next_step.finding.cell for each in found.questions if each.next_step is not None]
        for cell in dict.fromkeys(steps):
            if any(word in cell for word in NOT_HERE) or ("%retrain" in cell and cell in run):
                continue
            text = cell
            for word, value in PLACES.items():
                text = text.replace(word, value)
            birds.run(text)
            run.append(cell)

    levels = {"stored": 2, "shared": 2, "used": 3, "retrained": 3, "orchestrated": 2, "monitored": 4}
    assert all(found.levels[each] >= level for each, level in levels.items())
    again = sorted({cell for cell in run if run.count(cell) > 1})
    assert again == ["%monitor penguins --data NEW"]
    assert found.score.sections["Infrastructure"] >= 1


def test_a_step_for_a_model_of_another_board_names_its_board(birds: Shell) -> None:
    """The cells of evidence and of steps lead to the same model from whichever board is current."""
    birds.give(LogisticRegression=LogisticRegression)
    birds.run("%board other --name team")
    birds.run("%%pin_model penguins --test X_test y_test\nmodel = LogisticRegression().fit(X, y)")
    birds.run("%board own")
    found = birds.session.readiness(keep=False)
    stored = found.questions[0]

    assert stored.checked[0].finding.links[0].cell == "%versions team:penguins"
    assert len(birds.run(stored.checked[0].finding.links[0].cell)) == 1
    assert stored.next_step is not None
    birds.run(stored.next_step.finding.cell)
    assert "champion" in birds.session.version("team:penguins").aliases
