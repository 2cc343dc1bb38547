"""A card has what the board knows, and what people wrote: kept, inherited, and marked when it is stale."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import mlops_magics as mm
from mlops_magics import cli
from mlops_magics.core.cards import card_head, model_card
from mlops_magics.core.cards.card_parts import KINDS
from mlops_magics.core.session import card_view
from mlops_magics.core.versioning import companions
from mlops_magics.errors import InvalidInput, NotFound
from mlops_magics.widgets.saved import card as saved_card

ROWS = pd.DataFrame(np.random.default_rng(1).normal(size=(120, 2)), columns=["a", "b"])
TRUTH = (ROWS["a"] > 0).astype(int)
TEXTS = {"owners": "Ana", "intended_use": "Tells owls apart.", "limits": "Adults only.", "ethics": "None known."}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> mm.Session:
    """Return a session with a model of three versions: two of one kind, one of other columns."""
    found = mm.Session(board=tmp_path_factory.mktemp("cards") / "board")
    found.pin(LogisticRegression().fit(ROWS, TRUTH), "owls", data=ROWS, truth=TRUTH, test=(ROWS, TRUTH))
    found.pin(LogisticRegression(C=9).fit(ROWS, TRUTH), "owls", data=ROWS, truth=TRUTH, test=(ROWS, TRUTH))
    found.pin(DecisionTreeClassifier().fit(ROWS[["a"]], TRUTH), "owls", data=ROWS[["a"]], truth=TRUTH)
    return found


def test_parts_are_inherited_and_marked_when_the_model_changed(session: mm.Session) -> None:
    """A text of version 1 holds for version 2, is stale for version 3, and does not reach back."""
    assert set(session.model_card("owls@v2").missing) == {kind.id for kind in KINDS.values() if kind.needed}

    session.model_card("owls@v1", TEXTS)
    session.model_card("owls@v3", {"owners": "Ben", "caveats": ""})

    first, second, third = (session.model_card(f"owls@v{number}") for number in (1, 2, 3))
    assert {part.text for part in first.parts} == set(TEXTS.values())
    assert second.missing == second.stale == ()
    assert third.stale == ("intended_use", "limits", "ethics")
    assert {part.kind.id: part.text for part in third.parts}["owners"] == "Ben"
    assert "Inherited from" in second.to_markdown()
    assert "may be stale: the columns changed since" in third.to_markdown()


def test_performance_by_segment_has_intervals(session: mm.Session) -> None:
    """Rows with truth give performance as a whole and by segment, each with an interval and its rows."""
    rows = ROWS.assign(y=TRUTH, side=np.where(ROWS["b"] > 0, "north", "south"))

    card = session.model_card("owls@v2", data=rows, truth="y", segment="side")

    assert {each["segment"] for each in card.facts.segments} == {"north", "south"}
    measured = [each for each in card.facts.segments if each["kind"] == "measured"]
    assert all(each["lower"] <= each["score"] <= each["upper"] and each["n"] for each in measured)
    assert "By segment" in card.to_markdown()


def test_metrics_of_the_pin_have_interval_and_rows_where_it_measured_them(session: mm.Session) -> None:
    """In the text, the record of the view and its saved page; a version without `--test` has the metric alone."""
    session.pin(DecisionTreeClassifier().fit(ROWS[["a"]], TRUTH), "wrens", data=ROWS[["a"]], metrics={"accuracy": 0.9})
    card, given = session.model_card("owls@v1"), session.model_card("wrens")
    accuracy = next(each for each in card_view.of(session, card).scores if each.metric == "accuracy")
    page = str(saved_card.card(card_view.of(session, card)))

    assert accuracy.source == "at the pin"
    assert (accuracy.rows, accuracy.lower is not None, accuracy.upper is not None) == (120, True, True)
    assert f"{accuracy.lower:.3f} to {accuracy.upper:.3f}" in page
    assert "| metric | score | interval | rows |" in card.to_markdown()
    assert "| 120 |" in card.to_markdown()
    assert "| metric | score |\n" in given.to_markdown()


VETIVER = {
    "Model details": (), "Intended use": ("intended_use", "limits"), "Factors": ("factors",),
    "Metrics": ("metric_choice",), "Data": ("training_data", "evaluation_data"), "Quantitative analysis": (),
    "Ethical considerations": ("ethics",), "Recommendations and licence": ("caveats", "licence"),
}  # fmt: skip
"""The sections of vetiver's template, in our words, and the parts for the sentences that it leaves to a person."""


def test_the_sections_of_vetiver_are_covered(session: mm.Session) -> None:
    """Each is a heading, and below it is the text of each of its parts, in order."""
    texts = {part: f"Text of {part}." for parts in VETIVER.values() for part in parts}
    card = session.model_card("owls@v2", texts)

    sections = card.to_markdown().split("\n## ")[1:]
    found = {section.partition("\n")[0]: section for section in sections}
    for title, parts in VETIVER.items():
        for part in parts:
            assert texts[part].replace("_", "\\_") in found[title]
    session.model_card("owls@v2", dict.fromkeys(texts, ""))


def test_the_head_is_what_the_hub_reads(session: mm.Session, tmp_path: Path) -> None:
    """The YAML head has library, task, licence, metrics and results of the version."""
    session.model_card("owls@v2", {"licence": "Apache 2.0"}, to=tmp_path / "owls.md")

    _, head, body = (tmp_path / "owls.md").read_text().split("---\n", 2)
    found = yaml.safe_load(head)
    assert (found["license"], found["library_name"]) == ("apache-2.0", "sklearn")
    assert found["pipeline_tag"] == "tabular-classification"
    result = found["model-index"][0]["results"][0]
    assert {each["type"] for each in result["metrics"]} == set(found["metrics"]) >= {"accuracy"}
    for title in ("Model details", "Intended use", "Factors", "Metrics", "Quantitative analysis", "Ethical consid"):
        assert title in body


def test_what_others_wrote_is_checked(tmp_path: Path) -> None:
    """A part that does not exist is refused, and what is no part on the board is left out."""
    session = mm.Session(board=tmp_path / "board")
    session.pin(LogisticRegression().fit(ROWS, TRUTH), "owls", data=ROWS, truth=TRUTH)

    with pytest.raises(NotFound, match="owners"):
        session.model_card("owls", {"owner": "Ana"})
    with pytest.raises(InvalidInput, match="Endings"):
        session.model_card("owls", {"owners": "Ana"}, to="card.docx")
    assert session.model_card("owls").parts == ()
    for forged in (b"[[", b'{"a": 1}', json.dumps([{"part": "owners", "text": 3}, 1]).encode()):
        companions.update(session.board, "owls", "card", lambda before, new=forged: new, "forged")
        assert session.model_card("owls").parts == ()


def test_the_command_line_writes_the_same_card(
    session: mm.Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`mlops-magics model_card` is the same verb."""
    to = str(tmp_path / "card.html")

    assert cli.main(["model_card", "owls@v2", "--board", session.board.url, "--to", to, "--json"]) == cli.DONE
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["version"] == session.version("owls@v2").version
    assert "<script" not in Path(to).read_text()


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("MIT", {"license": "mit"}),
        ("Apache 2.0", {"license": "apache-2.0"}),
        ("CC BY-NC 4.0", {"license": "cc-by-nc-4.0"}),
        ("In-house, all rights reserved", {"license": "other", "license_name": "in-house-all-rights-reserved"}),
        ("MIT\nand more", {"license": "other", "license_name": "mit-and-more"}),
        ("", {"license": ""}),
    ],
)
def test_a_licence_that_the_hub_does_not_know_is_another_with_its_name(text: str, head: dict[str, str]) -> None:
    """The hub refuses a card whose licence is not one of its own words."""
    assert card_head._licence(text) == head


def test_the_hub_s_own_reader_takes_the_card(session: mm.Session, tmp_path: Path) -> None:
    """`huggingface_hub` reads metadata and results of a card, and the name in its results."""
    from huggingface_hub import ModelCard

    session.model_card("owls@v2", {"licence": "My Own, 1.0", "owners": "A: <b>é</b> | --- #"}, to=tmp_path / "owls.md")
    card = ModelCard.load(tmp_path / "owls.md")

    assert (card.data.license, card.data.license_name) == ("other", "my-own-1.0")
    assert (card.data.library_name, card.data.model_name) == ("sklearn", "owls")
    results = {each.metric_type: each.metric_value for each in card.data.eval_results}
    assert results == pytest.approx(session.version("owls@v2").metrics)
    assert yaml.safe_load(card.data.to_yaml())["model-index"][0]["name"] == "owls"


def test_parameters_that_differ_from_the_defaults_come_first(session: mm.Session) -> None:
    """Of steps and of estimators inside estimators too; the rest is folded. An older version has those of the model."""
    inner = LogisticRegression(C=3.0, random_state=1)
    model = make_pipeline(StandardScaler(with_mean=False), CalibratedClassifierCV(inner, cv=4)).fit(ROWS, TRUTH)
    version = session.pin(model, "larks", data=ROWS, truth=TRUTH)
    card = session.model_card("larks")
    first = model_card.parameters(card.version, changed=True)
    rest = model_card.parameters(card.version, changed=False)

    assert version.changed_parameters == card.version.changed_parameters
    assert {
        "calibratedclassifiercv__cv=4", "standardscaler__with_mean=False", "calibratedclassifiercv__estimator__C=3.0",
        "calibratedclassifiercv__estimator__random_state=1",
    } <= set(first.split(", "))  # fmt: skip
    assert "max_iter" not in first
    found = card.to_json()
    assert found["parameters"]["calibratedclassifiercv__cv"] == 4
    assert found["default_parameters"]["calibratedclassifiercv__estimator__max_iter"] == 100
    assert "calibratedclassifiercv__estimator__max_iter=100" in rest
    assert "<details><summary>Parameters at their defaults</summary>" in card.to_markdown()
    assert f"<p>{rest}</p></details>" in card.to_html()
    old = dataclasses.replace(card.version, stamps={})
    assert "__" not in model_card.parameters(old, changed=True)
