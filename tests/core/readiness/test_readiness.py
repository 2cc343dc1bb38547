"""A team is assessed from its own boards: four teams, four honest answers, and evidence that leads to the thing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import pytest

import mlops_magics as mm
from mlops_magics import cli
from mlops_magics.core.readiness.assessment import Readiness
from mlops_magics.core.readiness.ml_test_score import SECTIONS, TESTS
from mlops_magics.core.readiness.question import LEVELS
from mlops_magics.core.readiness.six_questions import QUESTIONS
from mlops_magics.core.versioning import companions
from mlops_magics.errors import BoardError, InvalidInput, NotFound
from mlops_magics.magics.verbs import VERBS
from tests.core.readiness import teams

TEAMS: dict[str, Callable[[Path], mm.Session]] = {
    "empty": lambda board: mm.Session(board=board),
    "two models": teams.two_models,
    "forty models": teams.forty_models,
    "pins only": teams.pins_only,
}
EXPECTED = {
    "empty": ({"stored": 0, "shared": 0, "used": 0, "retrained": 0, "orchestrated": 0, "monitored": 0}, "not yet"),
    "two models": ({"stored": 2, "shared": 2, "used": 0, "retrained": 0, "orchestrated": 0, "monitored": 0}, "not yet"),
    "forty models": (
        {"stored": 2, "shared": 2, "used": 2, "retrained": 1, "orchestrated": 4, "monitored": 3},
        "yes",
    ),
    "pins only": ({"stored": 2, "shared": 2, "used": 0, "retrained": 1, "orchestrated": 0, "monitored": 0}, "yes"),
}


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[mm.Session, Readiness]]]:
    """Make the four boards, deploy of one of them, and assess each."""
    root = tmp_path_factory.mktemp("teams")
    exports = root / "orchestration"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_MAGICS_STATE", str(root / "state"))
        sessions = {name: make(root / name.replace(" ", "-")) for name, make in TEAMS.items()}
        many = sessions["forty models"]
        names = [f"m{number:02}" for number in range(teams.SERVED)]
        endpoint = many.deploy(names[0], also=names[1:], token=False)
        try:
            endpoint.predict(teams.X)
            endpoint.canary(many.version("m00@v1"), 0.5)
            endpoint.predict(teams.X)
            many.adopt("m00")
            endpoint.predict(teams.X)
            endpoint.settle()
            many.export("m00", to="github-actions", path=str(exports / "retrain.yml"))
            yield {
                name: (each, each.readiness(files=exports if each is many else None)) for name, each in sessions.items()
            }
        finally:
            endpoint.stop()


@pytest.mark.parametrize("team", EXPECTED)
def test_four_teams_get_four_different_answers(team: str, assessed: dict[str, Any]) -> None:
    """Levels and the verdict on quantity and velocity follow from what is on the board, and from nothing else."""
    _, found = assessed[team]
    levels, pays = EXPECTED[team]

    assert found.levels == levels
    assert found.pay_off.verdict == pays
    assert found.level == min(levels.values())
    if pays == "not yet":
        assert "one-off processes do" in found.pay_off.sentence


@pytest.mark.parametrize("team", EXPECTED)
def test_each_evidence_link_leads_to_the_thing(team: str, assessed: dict[str, Any]) -> None:
    """A version is found by its reference, a file by its address, an endpoint by its URL, a verdict by its model."""
    session, found = assessed[team]
    links = [link for each in found.questions for checked in each.checked for link in checked.finding.links]

    assert {link.kind for link in links} >= (set() if team == "empty" else {"board", "version"})
    shown = {link.target for link in links if link.kind == "endpoint"}
    assert len(shown) == (teams.SERVED if team == "forty models" else 0)
    for link in links:
        assert bool(link.cell) == (link.kind != "file")
        assert link.kind == "file" or link.cell.split()[0].lstrip("%") in VERBS
        if link.kind == "board":
            assert mm.Session(board=link.target).board.url == link.target
        if link.kind == "version":
            assert session.version(link.target).ref == link.target
        if link.kind == "verdict":
            assert len(session.verdicts(link.target))
        if link.kind == "limits":
            assert session.thresholds(link.target).features
        if link.kind == "event":
            assert len(session.history(link.target))
        if link.kind == "policy":
            assert link.target.partition("/")[0] in set(session.policies()["model"])
        if link.kind == "endpoint":
            with urlopen(link.href) as page:
                assert page.status == 200
        if link.href.startswith("file:"):
            assert Path(unquote(urlsplit(link.href).path)).exists()


def test_a_next_step_is_a_cell_for_the_lowest_question(assessed: dict[str, Any]) -> None:
    """Each question that is not at the top names one condition and a cell with a model of the board in it."""
    for _, found in assessed.values():
        for each in found.questions:
            step = each.next_step
            assert (step is None) == (each.level == len(LEVELS) - 1)
            if step is not None:
                assert step.level == each.level + 1
                assert step.finding.cell.startswith(("%", "!"))
                assert "NAME" not in step.finding.cell
                assert step.finding.cell.startswith("%%") == ("\n" in step.finding.cell)
                assert step.finding.cell.startswith("!") or step.finding.cell.split()[0].lstrip("%") in VERBS


def test_the_questions_are_those_that_teams_ask() -> None:
    """Six questions, each with conditions for the levels from 1 to 4, in order."""
    assert len(QUESTIONS) == 6
    for each in QUESTIONS:
        levels = [condition.level for condition in each.conditions]
        assert levels == sorted(levels)
        assert set(levels) == {1, 2, 3, 4}


def test_the_rubric_has_28_tests_in_four_sections(assessed: dict[str, Any]) -> None:
    """The score is the least sum of a section; what boards cannot see is open and counts nothing."""
    assert [sum(test.section == section for test in TESTS) for section in SECTIONS] == [7, 7, 7, 7]
    _, many = assessed["forty models"]
    _, empty = assessed["empty"]

    assert many.score.score == min(many.score.sections.values())
    assert many.score.sections["Infrastructure"] > many.score.sections["Data"] > 0
    assert len(empty.score.open) == 28
    seen = {each.test.id: each for each in many.score.tests if each.points is not None}
    assert seen["I6"].found == "1 of 40 models was tried out as a canary or a shadow"
    assert seen["O6"].found == "1 of 40 models has the latency of each request to two versions in the log"


def test_answers_are_kept_with_who_and_when(tmp_path: Path) -> None:
    """An answer gives points from then on, for every session of the board, and no model is listed because of it."""
    session = teams.two_models(tmp_path / "board")
    session.readiness(["D5=yes:reviewed <b>each</b> year", "I6=partly"], files=None)

    again = mm.Session(board=tmp_path / "board").readiness(files=None)

    scored = {each.test.id: each for each in again.score.tests}
    assert (scored["D5"].points, scored["I6"].points) == (1.0, 0.5)
    assert again.evidence.answers["D5"]["by"] in scored["D5"].found
    assert set(session.models()["name"]) == {"owls", "finches"}
    assert len(again.history) == 1
    assert "<b>each" not in again.to_html()


@pytest.mark.parametrize(("word", "error"), [("Z9=yes", NotFound), ("D5=maybe", InvalidInput), ("D5", InvalidInput)])
def test_an_answer_that_is_not_one_is_refused(word: str, error: type[Exception], tmp_path: Path) -> None:
    """Nothing is kept of a line with a fault."""
    session = mm.Session(board=tmp_path / "board")

    with pytest.raises(error):
        session.readiness(["D6=yes", word], files=None)
    assert session.readiness(files=None).evidence.answers == {}


def test_what_others_wrote_in_place_of_answers_is_not_read(tmp_path: Path) -> None:
    """A record that is not one is left out, whatever is in it."""
    session = teams.two_models(tmp_path / "board")
    forged = {"answers": {"D5": {"answer": "sure"}, "X": 1}, "history": [1, {"looked": 2}]}
    for written in (json.dumps(forged).encode(), b"[" * 100_000, b"\xff"):
        companions.update(session.board, "team", "readiness", lambda before, new=written: new, "forged")

        found = session.readiness(files=None, keep=False)

        assert found.evidence.answers == {}
        assert found.history == ()


def test_a_model_that_cannot_be_read_is_named_and_the_others_are_assessed(tmp_path: Path) -> None:
    """One damaged version does not hide a team, in any form of the record."""
    teams.two_models(tmp_path / "board")
    for path in (tmp_path / "board" / "owls").glob("*/data.txt"):
        path.write_text("{{{: nope")

    found = mm.Session(board=tmp_path / "board").readiness(files=None, to=tmp_path / "found.md", keep=False)

    assert [each.name for each in found.evidence.models] == ["finches"]
    assert found.evidence.unread[0].startswith("owls: ")
    for text in (repr(found), found.to_html(), (tmp_path / "found.md").read_text(), json.dumps(found.to_json())):
        assert "not valid YAML" in text


def test_an_answer_that_cannot_be_kept_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An assessment alone needs no board that can be written."""
    session = teams.two_models(tmp_path / "board")
    monkeypatch.setattr(companions, "update", _refused)

    assert session.readiness(files=None).evidence.models
    with pytest.raises(BoardError):
        session.readiness(["D5=yes"], files=None)


def _refused(*_: object) -> None:
    raise BoardError("The board is read-only.")


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


def test_documents_say_the_same(assessed: dict[str, Any], tmp_path: Path) -> None:
    """HTML, Markdown and JSON have each question with its level; the page has no script and loads nothing."""
    session, found = assessed["forty models"]
    for ending in ("html", "md", "json"):
        session.readiness(files=None, to=tmp_path / f"found.{ending}", keep=False)
    page, text = (tmp_path / "found.html").read_text(), (tmp_path / "found.md").read_text()
    record = json.loads((tmp_path / "found.json").read_text())

    parser = _Texts()
    parser.feed(page)
    assert not parser.tags & {"script", "link", "img", "iframe", "form"}
    for each in found.questions:
        assert each.words in page
        assert each.words in text
    assert [each["id"] for each in record["questions"]] == [each.id for each in QUESTIONS]
    assert len(re.findall(r"^\| [DMIO]\d ", text, re.MULTILINE)) == 28
    with pytest.raises(InvalidInput, match="Endings"):
        session.readiness(to=tmp_path / "found.docx")


def test_the_command_line_is_a_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--fail-under` exits with 3, and `--json` prints the record as the last line."""
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(tmp_path / "state"))
    board = str(tmp_path / "board")
    teams.two_models(tmp_path / "board")

    assert cli.main(["readiness", "--board", board, "--files", str(tmp_path), "--json"]) == cli.DONE
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["levels"]["stored"] == 2
    assert cli.main(["readiness", "--board", board, "--files", str(tmp_path), "--fail-under", "1"]) == cli.FOUND
    assert cli.main(["readiness", "--board", board, "--files", str(tmp_path), "--fail-under", "0"]) == cli.DONE
