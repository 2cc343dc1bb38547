"""Exported files in the orchestrators' own environments: `make orchestrators` builds these and runs this file."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlops_magics import Session
from mlops_magics.core.retraining.export import export_registry
from mlops_magics.core.retraining.export.export_plan import ExportPlan
from tests.core.retraining.conftest import pin, rows
from tests.core.retraining.export.hostile import VALUES
from tests.core.retraining.export.test_export import NOT_SYSTEMD
from tests.doors import retraining_page

pytestmark = pytest.mark.timeout(3600)
PEERS = Path(os.environ.get("PEERS", ".venv-peers")).absolute()
COMMAND = Path(sys.executable).with_name("mlops-magics")
LONGEST = 200
"""Characters of a file's name."""
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "PYTHONWARNINGS": "ignore",
}
RECORDER = """#!{python}
import json, os, sys
names = sorted(name for name in os.environ if name == "TOKEN")
with open({record!r}, "a") as file:
    file.write(json.dumps([sys.argv, names]) + "\\n")
print(json.dumps([{{"outcome": "promoted", "text": "done"}}]))
sys.exit({status})
"""
"""A command that writes down how it was called."""


class Recorder:
    """Commands that write down how they were called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.record = folder / "commands", folder / "calls.jsonl"
        self.folder.mkdir()

    def command(self, name: str = "mlops-magics", status: int = 0) -> str:
        """Make a command of a name."""
        place = self.folder / name.replace("/", "_")[:LONGEST]
        place.write_text(RECORDER.format(python=sys.executable, record=str(self.record), status=status))
        place.chmod(place.stat().st_mode | stat.S_IXUSR)
        return str(place)

    def calls(self) -> list[Any]:
        """Return how they were called, and forget it."""
        found = [json.loads(line) for line in self.record.read_text().splitlines()] if self.record.exists() else []
        self.record.unlink(missing_ok=True)
        return found


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    """Commands in a folder of the test."""
    return Recorder(tmp_path)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Everything that orchestrators keep is in the test's folder."""
    homes = {name: str(tmp_path / name.lower()) for name in ("AIRFLOW_HOME", "PREFECT_HOME", "DAGSTER_HOME")}
    for home in homes.values():
        Path(home).mkdir()
    Path(homes["DAGSTER_HOME"], "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    return {**os.environ, **QUIET, **homes, "AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path / "dags")}


@pytest.fixture
def board(tmp_path: Path, environment: dict[str, str]) -> Iterator[Session]:
    """A board with a model that has a policy which is due as soon as there are rows."""
    session = Session(tmp_path / "board")
    pin(session)
    rows(1500, shift=2.0, seed=1).to_parquet(tmp_path / "new.parquet")
    session.policy("penguins", when="rows>=100", data=str(tmp_path / "new.parquet"), truth="species")
    environment["MLOPS_MAGICS_BOARD"] = session.board.url
    return session


def plan(command: str, **changed: Any) -> ExportPlan:
    """Return a plan with a command of the test."""
    given = {"model": "penguins", "policy": "default", "cron": "13 4 * * 1", "zone": "Europe/Berlin"}
    return ExportPlan(command=command, **{**given, **changed})


def files(to: str, made: ExportPlan, folder: Path, name: str = "export.py") -> list[Path]:
    """Write an export to a folder."""
    folder.mkdir(exist_ok=True)
    places = []
    for ending, text in export_registry.target(to).render(made).items():
        places.append(folder / f"{name}{ending}")
        places[-1].write_text(text)
    return places


def run(peer: str, *words: str, environment: Mapping[str, str], expected: int = 0) -> str:
    """Run a program of a peer's environment."""
    program = PEERS / peer / "bin" / words[0]
    done = subprocess.run(
        [program, *words[1:]], env=dict(environment), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == expected, done.stdout[-3000:]
    return done.stdout


LOAD_DAGS = """
import json, subprocess, sys
try:
    from airflow.dag_processing.dagbag import DagBag
    bag = DagBag(sys.argv[1])
except ImportError:
    from airflow.models import DagBag
    bag = DagBag(sys.argv[1], include_examples=False)
assert not bag.import_errors, bag.import_errors
for dag in bag.dags.values():
    (task,) = dag.tasks
    task.render_template_fields({"var": {"value": {"TOKEN": "x"}}, "ds": "2026-01-01"})
    subprocess.run(["bash", "-c", task.bash_command], check=True, stdout=subprocess.DEVNULL)
print(len(bag.dags))
"""
"""Airflow's own rendering of templates, then bash, as its operator calls it."""


@pytest.mark.parametrize("peer", ["airflow2", "airflow3"])
def test_airflow_calls_what_was_meant(
    peer: str, recorder: Recorder, environment: dict[str, str], tmp_path: Path
) -> None:
    """The same files in Airflow 2 and 3; hostile names of a command come through its templates and the shell."""
    commands = [recorder.command(value) for value in VALUES if value.strip()]
    for number, command in enumerate(commands):
        files("airflow", plan(command, model=f"m{number}", secrets=("TOKEN",)), tmp_path / "dags", f"m{number}.py")
    run(peer, "airflow", "db", "migrate", environment=environment)
    run(peer, "python", "-c", LOAD_DAGS, str(tmp_path / "dags"), environment=environment)
    called = {words[2]: words for words, _ in recorder.calls()}

    assert {f"m{number}": called[f"m{number}"][0] for number in range(len(commands))} == {
        f"m{number}": command for number, command in enumerate(commands)
    }


@pytest.mark.parametrize("peer", ["airflow2", "airflow3"])
def test_airflow_runs_the_file(
    peer: str, recorder: Recorder, environment: dict[str, str], board: Session, tmp_path: Path
) -> None:
    """By `airflow dags test`: the real command in an environment of its own, a secret, a skip, a failure."""
    dags = {
        "real": (str(COMMAND), "penguins"),
        "secret": (recorder.command("secret"), "secret"),
        "idle": (recorder.command("idle", 75), "idle"),
        "failing": (recorder.command("failing", 1), "failing"),
    }
    for name, (command, model) in dags.items():
        secrets = ("TOKEN",) if name == "secret" else ()
        files("airflow", plan(command, model=model, secrets=secrets), tmp_path / "dags", f"{name}.py")
    environment["AIRFLOW_VAR_TOKEN"] = "hunter2"
    run(peer, "airflow", "db", "migrate", environment=environment)
    for name, (_, model) in dags.items():
        said = run(
            peer, "airflow", "dags", "test", f"mlops_magics.retrain.{model}.default",
            environment=environment, expected=1 if name == "failing" else 0,
        )  # fmt: skip

        assert "hunter2" not in said
        if name == "idle":
            assert "skipped" in said.lower()

    assert len(board.versions("penguins")) == 2
    assert board.version("penguins@champion").lineage.retraining["trigger"]["kind"] == "rows"
    assert [names for words, names in recorder.calls() if words[2] == "secret"] == [["TOKEN"]]


PREFECT = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("flow_file", sys.argv[1])
module = importlib.util.module_from_spec(spec); sys.modules["flow_file"] = module
spec.loader.exec_module(module)
deployment = module.retrain.to_deployment("x", schedules=module.schedules(), concurrency_limit=1)
schedule = deployment.schedules[0].schedule
assert (schedule.cron, schedule.timezone) == (module.CRON, module.ZONE), schedule
if module.SECRETS:
    from prefect.blocks.system import Secret
    Secret(value="hunter2").save("token", overwrite=True)
state = module.retrain(return_state=True)
print("STATE", state.type.name, state.result(raise_on_failure=False))
"""


def test_prefect_runs_the_flow(recorder: Recorder, environment: dict[str, str], board: Session, tmp_path: Path) -> None:
    """In process: the real command, a secret, nothing to do, a failure; the schedule is one of Prefect's."""
    dags = {
        "real": (str(COMMAND), (), "promoted"),
        "secret": (recorder.command("{{ x }} 'secret'"), ("TOKEN",), "promoted"),
        "idle": (recorder.command("idle", 75), (), "nothing to do"),
        "failing": (recorder.command("failing", 1), (), "FAILED"),
    }
    for name, (command, secrets, expected) in dags.items():
        (file,) = files("prefect", plan(command, secrets=secrets), tmp_path / "flows", f"{name}.py")
        said = run("prefect", "python", "-c", PREFECT, str(file), environment=environment)
        state = next(line for line in said.splitlines() if line.startswith("STATE"))

        assert expected in state
        assert "hunter2" not in said

    assert len(board.versions("penguins")) == 2
    assert [names for words, names in recorder.calls() if "secret" in words[0]] == [["TOKEN"]]


DAGSTER = """
import importlib.util, sys
import dagster as dg
spec = importlib.util.spec_from_file_location("definitions_file", sys.argv[1])
module = importlib.util.module_from_spec(spec); sys.modules["definitions_file"] = module
spec.loader.exec_module(module)
dg.Definitions.validate_loadable(module.defs)
tick = module.schedule.evaluate_tick(dg.build_schedule_context())
done = dg.materialize([module.model], instance=dg.DagsterInstance.ephemeral(), raise_on_error=False)
events = done.get_asset_materialization_events()
print("STATE", done.success, [event.materialization.metadata["outcome"].value for event in events])
"""


def test_dagster_runs_the_asset(
    recorder: Recorder, environment: dict[str, str], board: Session, tmp_path: Path
) -> None:
    """In process, and validated by its own command; a schedule that cannot be is what that command would find."""
    dags = {
        "real": (str(COMMAND), (), "True ['promoted']"),
        "secret": (recorder.command("$(id) 'secret'"), ("TOKEN",), "True ['promoted']"),
        "idle": (recorder.command("idle", 75), (), "True ['nothing to do']"),
        "failing": (recorder.command("failing", 1), (), "False []"),
    }
    environment["TOKEN"] = "hunter2"
    for name, (command, secrets, expected) in dags.items():
        (file,) = files("dagster", plan(command, secrets=secrets), tmp_path / "code", f"{name}.py")
        run("dagster", "dagster", "definitions", "validate", "-f", str(file), environment=environment)
        said = run("dagster", "python", "-c", DAGSTER, str(file), environment=environment)

        assert f"STATE {expected}" in said
        assert "hunter2" not in said

    assert len(board.versions("penguins")) == 2
    assert [names for words, names in recorder.calls() if "secret" in words[0]] == [["TOKEN"]]


SNIPPETS = {
    "Airflow 3": ("airflow3", "airflow", "dags", "test", "retrain_penguins"),
    "Prefect": ("prefect", "python", "FILE"),
    "Dagster": ("dagster", "python", "FILE"),
    "Metaflow": ("workflows", "python", "FILE", "run"),
    "ZenML": ("workflows", "python", "FILE"),
    "Flyte": ("workflows", "pyflyte", "run", "FILE", "retrain_penguins"),
    "Luigi": ("workflows", "python", "FILE"),
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_of_the_docs_runs(
    name: str, recorder: Recorder, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the tool's own environment; it calls the command once, and a failure of the command is one of the task."""
    peer, *words = SNIPPETS[name]
    place = tmp_path / "dags" / "retraining.py"
    place.parent.mkdir()
    place.write_text(retraining_page.snippets()[name])
    recorder.command()
    environment |= {
        "PATH": f"{recorder.folder}:{(PEERS / peer / 'bin')}:{environment['PATH']}",
        "METAFLOW_HOME": str(tmp_path), "METAFLOW_USER": "tester", "USERNAME": "tester", "HOME": str(tmp_path),
        "ZENML_CONFIG_PATH": str(tmp_path / "zenml"), "ZENML_ANALYTICS_OPT_IN": "false",
    }  # fmt: skip
    monkeypatch.chdir(tmp_path)
    if peer == "airflow3":
        run(peer, "airflow", "db", "migrate", environment=environment)
    said = run(peer, *(str(place) if word == "FILE" else word for word in words), environment=environment)
    called = [words[1:] for words, _ in recorder.calls()]

    assert called == [["run-policies", "penguins", "--once", "--idle-ok", "--json"]], said[-2000:]


KFP = """
import sys, yaml
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2
pipeline, *platform = yaml.safe_load_all(open(sys.argv[1]))
json_format.ParseDict(pipeline, pipeline_spec_pb2.PipelineSpec())
for each in platform:
    json_format.ParseDict(each, pipeline_spec_pb2.PlatformSpec())
"""


def test_kubeflow_reads_the_pipeline(environment: dict[str, str], tmp_path: Path) -> None:
    """By its own messages, which refuse unknown fields."""
    for secrets in ((), ("TOKEN", "OTHER")):
        (file,) = files("kubeflow", plan("/opt/a b/mlops-magics", secrets=secrets), tmp_path / "kfp", "pipeline.yaml")
        run("kfp", "python", "-c", KFP, str(file), environment=environment)


VALIDATORS = {
    "github-actions": (
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
        ("actionlint", "-shellcheck=", "-pyflakes="),
    ),
    "gitlab-ci": (("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"),),
    "kubernetes-cronjob": (("kubernetes-validate", "--strict", "-k", "1.37"),),
}


@pytest.mark.parametrize("to", VALIDATORS)
def test_the_schema_of_a_target_accepts_the_file(to: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Also with hostile commands: no expression is found in them."""
    commands = [f"/opt/{value}" for value in VALUES]
    places = [
        files(to, plan(command, secrets=("TOKEN",)), tmp_path / "yaml", f"{number}.yml")[0]
        for number, command in enumerate(commands)
    ]
    for words in VALIDATORS[to]:
        said = run("schemas", *words, *map(str, places), environment=environment)

        assert "WARN" not in said


ARGO = """
import sys, yaml
from hera.workflows import models
workflow = yaml.safe_load(open(sys.argv[1]))
models.CronWorkflow.model_validate(workflow)
def known(model, value, place):
    import typing, pydantic
    names = {field.alias or name for name, field in model.model_fields.items()}
    assert set(value) <= names, (place, set(value) - names)
known(models.CronWorkflow, workflow, "workflow")
known(models.CronWorkflowSpec, workflow["spec"], "spec")
known(models.WorkflowSpec, workflow["spec"]["workflowSpec"], "workflowSpec")
for template in workflow["spec"]["workflowSpec"]["templates"]:
    known(models.Template, template, "template")
    known(models.Container, template["container"], "container")
"""


def test_argo_knows_every_word_of_the_file(environment: dict[str, str], tmp_path: Path) -> None:
    """Its models let unknown words pass, so these are looked for."""
    (file,) = files("argo", plan("/opt/a b/mlops-magics", secrets=("TOKEN",)), tmp_path / "argo", "argo.yaml")
    run("schemas", "python", "-c", ARGO, str(file), environment=environment)


def test_systemd_accepts_service_and_timer(recorder: Recorder, tmp_path: Path) -> None:
    """It writes nothing at all; and the path that it would run is the one that was meant."""
    assert shutil.which("systemd-analyze"), "apt-get install systemd"
    for number, value in enumerate(value for value in VALUES if value.strip() and not NOT_SYSTEMD.search(f"/{value}")):
        command = recorder.command(value)
        places = files("systemd", plan(command), tmp_path / "units", f"mlops-magics-{number}")
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *map(str, places)], capture_output=True, text=True
        )

        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), value


def test_cron_accepts_the_line(tmp_path: Path, recorder: Recorder) -> None:
    """Its fields are valid, and ``sh`` runs what is behind them as cron would hand it over."""
    from cronsim import CronSim

    for value in (value for value in VALUES if value.strip() and "\n" not in value and "\\%" not in value):
        (file,) = files("cron", plan(recorder.command(value)), tmp_path / "cron", "line")
        line = file.read_bytes().decode().rstrip("\n").split("\n")[-1]
        CronSim(" ".join(line.split()[:5]), dt.datetime(2026, 1, 1))
        command = line.split(None, 5)[5].replace("\\%", "%")
        subprocess.run(["dash", "-c", command], check=True, stdout=subprocess.DEVNULL)
        ((words, _),) = recorder.calls()

        assert words[0] == recorder.command(value)
        assert words[1:3] == ["run-policies", "penguins"]
