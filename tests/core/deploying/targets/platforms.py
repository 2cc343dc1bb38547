"""Each platform's own reader takes our files: `make platforms`, in an environment that has them (700 MB)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core.deploying.targets.package_record import Package
from tests.core.deploying.targets.conftest import Packaging

PYTHON = Path(os.environ.get("PLATFORMS_PYTHON", ".venv-peers/platforms/bin/python")).absolute()
KUBERNETES = """
import kubernetes_validate, yaml
faults = []
for path in given:
    for each in yaml.safe_load_all(open(path)):
        if each["kind"] != "Kustomization":
            try:
                kubernetes_validate.validate(each, "1.37", strict=True)
            except kubernetes_validate.ValidationError as fault:
                faults.append(f"{path}: {fault.message}")
"""
KSERVE = '''
import re, yaml
import kserve.models, kubernetes.client.models

faults = []

def read(value, kind, at):
    """Compare a value with a type as KServe's models declare it: ``list[V1Container]``, ``dict(str, str)``, ``int``."""
    several = re.fullmatch(r"(?i:list)\\[(.*)\\]", kind)
    named = re.fullmatch(r"(?i:dict)[\\[(](.*?), ?(.*)[\\])]", kind)
    if several:
        if not isinstance(value, list):
            faults.append(f"{at} is not a list")
            return
        for place, each in enumerate(value):
            read(each, several[1], f"{at}[{place}]")
    elif named:
        for name, each in value.items():
            read(each, named[2], f"{at}.{name}")
    elif kind in ("str", "int", "bool", "float"):
        wanted = {"str": str, "int": int, "bool": bool, "float": (int, float)}[kind]
        if not isinstance(value, wanted) or (kind == "int" and isinstance(value, bool)):
            faults.append(f"{at} is not {kind}")
    elif kind != "object":
        kind = re.sub("^K8sIoApi(Core|meta)?", "", kind)
        model = getattr(kserve.models, kind, None) or getattr(kubernetes.client.models, kind, None)
        if model is None:
            faults.append(f"{at}: there is no type {kind}")
            return
        fields = {name: model.openapi_types[key] for key, name in model.attribute_map.items()}
        for name, each in value.items():
            if name not in fields:
                faults.append(f"{at}.{name} is unknown")
            else:
                read(each, fields[name], f"{at}.{name}")

for path in given:
    for each in yaml.safe_load_all(open(path)):
        read(each, "V1beta1InferenceService", "service")
'''
AZURE = """
from azure.ai.ml import load_online_deployment, load_online_endpoint
faults = []
for path in given:
    load = load_online_endpoint if path.endswith("endpoint.yaml") else load_online_deployment
    try:
        load(path)
    except Exception as fault:
        faults.append(f"{path}: {fault}")
"""
VERTEX = """
import json
from google.cloud import aiplatform_v1
from google.protobuf import json_format
faults = []
for path in given:
    try:
        json_format.ParseDict(json.load(open(path)), aiplatform_v1.types.Model()._pb)
    except json_format.ParseError as fault:
        faults.append(f"{path}: {fault}")
"""
MODAL = """
import runpy, sys
faults = []
for path in given:
    sys.argv[0] = path
    if not runpy.run_path(path)["app"].registered_functions:
        faults.append("the application has no function")
"""
READERS = {
    "kubernetes": ("*.yaml", KUBERNETES),
    "kserve": ("*.yaml", KSERVE),
    "azureml": ("*.yaml", AZURE),
    "vertex": ("model.json", VERTEX),
    "modal": ("app.py", MODAL),
}
"""Target → the files, and the code that finds faults in them."""
SETTINGS: dict[str, tuple[dict[str, Any], ...]] = {
    "kubernetes": (
        {},
        {"namespace": "models", "replicas": 3, "most_replicas": 9, "cpu": "2", "memory": "1.5Gi"},
        {"token": "no"},
    ),
    "kserve": ({}, {"canary": 10, "namespace": "models"}, {"knative": "yes", "token": "no", "replicas": 0}),
    "azureml": ({"name": "line-1"}, {"instances": 3, "instance_type": "Standard_F4s_v2"}),
    "vertex": ({}, {"region": "us-central1"}),
    "modal": ({},),
}
WRONG = {
    "kubernetes": ("deployment.yaml", "replicas: 2", "replicaz: 2"),
    "kserve": ("inference-service.yaml", "timeoutSeconds: 5", 'timeoutSeconds: "5"'),
    "azureml": ("deployment.yaml", "instance_count: 1", "instance_kount: 1"),
    "vertex": ("model.json", "predictRoute", "predictRout"),
}
"""Target → a file, and a fault that its reader must find."""


def _faults(target: str, package: Package) -> list[str]:
    pattern, code = READERS[target]
    paths = sorted(str(path) for path in Path(package.path).glob(pattern))
    assert paths
    script = f"import json\ngiven = {paths!r}\n{code}\nprint('found:' + json.dumps(faults))"
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[str] = json.loads(done.stdout.rsplit("found:", 1)[1])
    return found


@pytest.mark.parametrize(("target", "settings"), [(name, each) for name, chosen in SETTINGS.items() for each in chosen])
def test_the_platforms_reader_takes_our_files(packaging: Packaging, target: str, settings: dict[str, Any]) -> None:
    """Unknown fields and wrong types are refused by each of them."""
    assert _faults(target, packaging(target, **{"image": "r.example.org/line:1", **settings})) == []


@pytest.mark.parametrize("target", WRONG)
def test_the_platforms_reader_finds_a_fault(packaging: Packaging, target: str) -> None:
    """The check above can fail."""
    package = packaging(target, image="r.example.org/line:1")
    name, right, wrong = WRONG[target]
    path = Path(package.path) / name
    assert right in path.read_text()
    path.write_text(path.read_text().replace(right, wrong, 1))

    assert len(_faults(target, package)) == 1
