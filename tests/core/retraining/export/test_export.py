"""Exports: files that say what was asked for, and hold no value of a policy and no secret."""

from __future__ import annotations

import ast
import dataclasses
import importlib.metadata
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mlops_magics import Session
from mlops_magics.core.retraining.export import export_registry, quoting
from mlops_magics.core.retraining.export.export_files import check, write
from mlops_magics.core.retraining.export.export_plan import ExportPlan, ParsedExport
from mlops_magics.core.retraining.export.machine_files import on_calendar
from mlops_magics.core.retraining.policies import policy_pin
from mlops_magics.errors import InvalidInput, NotFound
from tests.core.retraining.export.hostile import VALUES

TARGETS = tuple(export_registry.targets())
PLAN = ExportPlan(
    "penguins", "default", "13 4 * * 1", "Europe/Berlin", limit=7200.0, secrets=("AWS_SECRET_ACCESS_KEY",)
)
NOT_SYSTEMD = re.compile(r"^[@:+!|-]|[\x00-\x1f\x7f'\"\\]")
REFUSED = {
    "argo": {value for value in VALUES if "{{" in value},
    "kubeflow": {value for value in VALUES if "{{$" in value},
    "systemd": {value for value in VALUES if NOT_SYSTEMD.search(value)},
    "cron": {value for value in VALUES if "\n" in value or "\\%" in value},
}
"""What a target cannot hold: a template that it would fill in, an option, a line break."""


@pytest.mark.parametrize("name", TARGETS)
def test_a_file_reads_back_as_what_was_asked_for(name: str) -> None:
    """Command, schedule, time zone and names of secrets; for a policy and a model with any name that is valid."""
    target = export_registry.target(name)
    for model, policy in (("penguins", "default"), ("M", "on-drift"), ("a.b_c-1", "x" * 40), ("9" * 128, "default")):
        plan = ExportPlan(model, policy, "*/15 0-6 1,15 * *", "America/St_Johns", secrets=("A", "B_2"))
        files = dict(target.render(plan))
        check(plan, target, files)
        found = target.parse(files)

        assert found.argv[:5] == ("mlops-magics", "run-policies", model, "--policy", policy)
        assert "--once" in found.argv
        assert found.argv[-1] == "--json"


@pytest.mark.parametrize("name", TARGETS)
def test_a_hostile_command_reads_back_or_is_refused(name: str) -> None:
    """T11: The command is the only word of the user's own in a file."""
    target = export_registry.target(name)
    refused = set()
    for value in filter(str.strip, VALUES):
        plan = ExportPlan("penguins", "default", "13 4 * * 1", "UTC", command=value)
        try:
            files = dict(target.render(plan))
            check(plan, target, files)
        except InvalidInput:
            refused.add(value)

    assert refused == {value for value in REFUSED.get(name, ()) if value.strip()}


@pytest.mark.parametrize(("status", "fails"), [(0, False), (75, False), (1, True)])
def test_the_notebook_of_a_job_runs_the_command(status: int, fails: bool, tmp_path: Path) -> None:
    """Nothing to do is a success, any other status a failed job; a secret that is not set is named."""
    command = tmp_path / "a 'quoted' command"
    command.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\nexit {status}\n')
    command.chmod(0o700)
    target = export_registry.target("jupyter-scheduler")
    text = target.render(dataclasses.replace(PLAN, command=str(command), secrets=()))[""]
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    code = notebook.cells[1].source
    if fails:
        with pytest.raises(RuntimeError, match="exit status 1"):
            exec(code, {})
    else:
        exec(code, {})

    assert (tmp_path / "called").read_text() == "run-policies penguins --policy default --once --json\n"
    with pytest.raises(RuntimeError, match="not in the environment: NOT_SET_HERE"):
        exec(
            json.loads(target.render(dataclasses.replace(PLAN, secrets=("NOT_SET_HERE",)))[""])["cells"][1]["source"],
            {},
        )


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_a_shell_reads_the_words_that_were_meant(shell: str) -> None:
    """A real shell, all values at once."""
    for quote in (quoting.shell, quoting.bash)[: 2 if shell == "bash" else 1]:
        done = subprocess.run([shell, "-c", f"printf '%s\\0' {quote(VALUES)}"], capture_output=True, check=True)

        assert done.stdout.decode().split("\0")[:-1] == list(VALUES)


def test_no_template_engine_finds_its_sign_in_a_quoted_word() -> None:
    """T11: Neither Jinja nor GitHub, GitLab, Argo or Kubernetes."""
    for value in VALUES:
        for quoted in (quoting.shell([value]), quoting.bash([value])):
            assert not any(sign in quoted for sign in ("{{", "{%", "{#", "${", "$(", "$["))


def test_no_value_of_a_policy_is_in_a_file(session: Session, pinned: Any, tmp_path: Path) -> None:
    """The policy is read from the board when it is carried out; the file names it."""
    session.policy(
        "penguins", every="week", at="04:00", zone="UTC", data="s3://bucket/hunter2.parquet", truth="hunter2",
        parameters={"depth": 987654},
    )  # fmt: skip
    for name in TARGETS:
        done = session.export("penguins", to=name, path=f"{tmp_path}/{name}/", secrets=["TOKEN"])
        text = "".join(Path(file).read_text() for file in done.files)

        assert not any(word in text for word in ("hunter2", "987654", str(session.board.url))), name
        assert "Retrains penguins" in text


def test_the_values_of_a_policy_are_kept_as_they_are(session: Session, pinned: Any) -> None:
    """On the board they are JSON."""
    for value in VALUES:
        session.policy("penguins", every="week", data=f"/data/{value}", truth=value, parameters={"depth": value})
        kept = policy_pin.one(session.board, "penguins", None)

        assert (kept.data, kept.truth, dict(kept.parameters)) == (f"/data/{value}", value, {"depth": value})


def test_a_file_of_ones_own_is_not_replaced(tmp_path: Path) -> None:
    """A file of an earlier export is."""
    plan = dataclasses.replace(PLAN, zone="UTC", secrets=())
    for name in TARGETS:
        write(plan, name, f"{tmp_path}/{name}/")
        write(plan, name, f"{tmp_path}/{name}/")
    (tmp_path / "mine.py").write_text("print('mine')\n")

    with pytest.raises(InvalidInput, match="was not written by an export"):
        write(PLAN, "airflow", str(tmp_path / "mine.py"))
    assert (tmp_path / "mine.py").read_text() == "print('mine')\n"


@pytest.mark.parametrize("name", ["airflow", "prefect", "dagster"])
def test_a_file_of_python_is_valid(name: str) -> None:
    """It compiles; Dagster reads no annotations that are strings."""
    text = export_registry.target(name).render(PLAN)[""]
    compile(ast.parse(text), name, "exec")

    assert ("from __future__" in text) == (name != "dagster")


@pytest.mark.parametrize("wrong", ["argv", "cron", "zone", "variables"])
def test_a_target_that_reads_back_otherwise_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: str
) -> None:
    """A target of another package as well."""

    class Other:
        name, file, next_step = "other", "{model}.txt", "Read FILE."

        def render(self, plan: ExportPlan) -> dict[str, str]:
            return {"": plan.title}

        def parse(self, files: Any) -> ParsedExport:
            values = {"argv": PLAN.argv, "cron": PLAN.cron, "zone": PLAN.zone, "variables": frozenset(PLAN.secrets)}
            other = {"argv": ("rm",), "cron": "* * * * *", "zone": "UTC", "variables": frozenset({"PATH"})}
            return ParsedExport(**{**values, wrong: other[wrong]})  # type: ignore[arg-type]

    entry = importlib.metadata.EntryPoint("other", "somewhere:Other", "mlops_magics.exports")
    monkeypatch.setattr(importlib.metadata.EntryPoint, "load", lambda _: Other)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: [entry])
    export_registry.targets.cache_clear()
    try:
        with pytest.raises(InvalidInput, match="cannot be written for other"):
            write(PLAN, "other", str(tmp_path / "x.txt"))
    finally:
        export_registry.targets.cache_clear()

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"to": "jenkins"}, "jenkins"),
        ({"to": "airflow", "command": " "}, "program"),
        ({"to": "airflow", "command": "a\0b"}, "program"),
        ({"to": "airflow", "command": "\udcff"}, "program"),
        ({"to": "airflow", "secrets": ["A-B"]}, "environment variable"),
        ({"to": "argo", "image": "x; reboot"}, "container image"),
        ({"to": "airflow", "policy": "nope"}, "nope"),
    ],
)
def test_an_export_that_cannot_be_is_one_line(
    session: Session, pinned: Any, tmp_path: Path, given: dict[str, Any], words: str
) -> None:
    """Nothing is written."""
    session.policy("penguins", every="week")
    with pytest.raises((InvalidInput, NotFound), match=words) as caught:
        session.export("penguins", path=f"{tmp_path}/out/", **given)

    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("cron", "calendar"),
    [
        ("13 4 * * 1", "Mon *-*-* 4:13:00"),
        ("0 4 * * 0,6", "Sun,Sat *-*-* 4:0:00"),
        ("0 4 * * 5-7", "Fri,Sat,Sun *-*-* 4:0:00"),
        ("0 4 * * mon", "Mon *-*-* 4:0:00"),
        ("30 2 1 */3 *", "*-1,4,7,10-1 2:30:00"),
        ("0 4-6 * jan *", "*-1-* 4,5,6:0:00"),
        ("*/20 */12 */10 * 1-2", "Mon,Tue *-*-1,11,21,31 0,12:0,20,40:00"),
    ],
)
def test_a_schedule_in_the_words_of_systemd(cron: str, calendar: str) -> None:
    """What it has no word for is refused."""
    assert on_calendar(cron) == calendar
    for other in ("0 4 13 * 5", "0 4 L * *", "0 4 * * 1#2"):
        with pytest.raises(InvalidInput):
            on_calendar(other)


def test_two_models_have_two_names_in_a_cluster() -> None:
    """Names of Kubernetes are labels of DNS, and short; a hash keeps them apart."""
    plans = [ExportPlan(model, "default", "0 4 * * *", "UTC") for model in ("A.b", "a.b", "a-b", "a" * 100, "a" * 101)]
    names = {plan.kubernetes_name for plan in plans}

    assert len(names) == len(plans)
    assert all(len(name) <= 52 and name.replace("-", "").isalnum() and name == name.lower() for name in names)
