"""Other people's clients against a real endpoint: vetiver, MLflow, Triton, KServe, Open Inference, and a fuzzer."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mlops_magics.core.deploying import Endpoint
from tests.core.deploying import peers
from tests.core.deploying.conftest import TOKEN, Lasting, Pinned

pytestmark = pytest.mark.interop
Deploy = Callable[..., Endpoint]


def records(pinned: Pinned, count: int = 3) -> list[dict[str, Any]]:
    return list(json.loads(pinned.rows[:count].to_json(orient="records", double_precision=15)))


def test_vetiver_asks_with_a_frame_a_series_and_a_dict(lasting: Lasting) -> None:
    """`vetiver.predict` works unchanged, with the token as a header."""
    code = """
import pandas, vetiver
rows = pandas.DataFrame(given["rows"])
endpoint = vetiver.vetiver_endpoint(given["url"] + "/predict")
headers = {"Authorization": "Bearer " + given["token"]}
asked = [rows, rows.iloc[0], rows.iloc[0].to_dict()]
found = [vetiver.predict(endpoint, each, headers=headers)["predict"].tolist() for each in asked]
prototype = vetiver.vetiver_create_prototype(given["prototype"])
found.append(sorted(prototype.model_json_schema()["properties"]))
try:
    vetiver.predict(endpoint, rows.drop(columns="x2"), headers=headers)
except TypeError as error:
    found.append(str(error))
"""
    rows = records(lasting.line)
    prototype = lasting.endpoint.client.get("/prototype")

    frame, series, one, names, message = peers.run(
        "vetiver", code, rows=rows, url=lasting.endpoint.url, token=TOKEN, prototype=prototype
    )

    expected = lasting.line.model.predict(lasting.line.rows[:3])
    np.testing.assert_allclose(frame, expected, rtol=1e-9)  # vetiver writes a frame with ten digits
    np.testing.assert_allclose([*series, *one], [expected[0]] * 2, rtol=1e-12)
    assert names == sorted(lasting.line.rows.columns)
    assert "'x2'" in message


def test_r_clients_requests_are_answered(lasting: Lasting) -> None:
    """R's request, without a content type and with "NA" for missing values, is answered; of texts "NA" is one."""
    written = json.loads(lasting.totals.rows[:2].to_json(orient="records", date_format="iso"))
    asked = [{**row, "income": "NA", "city": "NA"} for row in written]

    content, told = lasting.endpoint.client.send("POST", "/totals/predict", json.dumps(asked).encode())

    rows = lasting.totals.rows[:2].assign(income=np.nan, city="NA")
    np.testing.assert_allclose(json.loads(content)["predict"], lasting.totals.model.predict(rows))
    assert told["content-type"] == "application/json"


def test_mlflows_scoring_client_asks(line: Pinned, deploy: Deploy) -> None:
    """`ScoringServerClient` pings, asks the version, and scores a frame."""
    code = """
import pandas
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
client = ScoringServerClient("127.0.0.1", given["port"])
client.wait_server_ready(10)
client.ping()
found = [client.get_version(), client.invoke(pandas.DataFrame(given["rows"])).get_predictions().iloc[:, 0].tolist()]
"""
    endpoint = deploy(line, token=False)

    version, values = peers.run("clients", code, rows=records(line), port=endpoint.port)

    assert line.version.version in version
    np.testing.assert_allclose(values, line.model.predict(line.rows[:3]), rtol=1e-12)


TRITON = """
import numpy
import tritonclient.http as triton
client = triton.InferenceServerClient(given["url"].removeprefix("http://"))
headers = {"Authorization": "Bearer " + given["token"]}
assert client.is_server_live(headers=headers) and client.is_server_ready(headers=headers)
assert client.is_model_ready(given["name"], headers=headers)
metadata = client.get_model_metadata(given["name"], headers=headers)
found = [metadata["inputs"][0]["datatype"]]
for binary in (False, True):
    inputs = []
    for name in given["rows"][0]:
        values = [row[name] for row in given["rows"]]
        text = isinstance(values[0], str)
        array = numpy.array(values, dtype=object if text else "float64").reshape(-1, 1)
        one = triton.InferInput(name, list(array.shape), "BYTES" if text else "FP64")
        one.set_data_from_numpy(array, binary_data=binary)
        inputs.append(one)
    outputs = [triton.InferRequestedOutput("predict", binary_data=binary)]
    for packed in (None, "gzip"):
        options = {"outputs": outputs, "headers": dict(headers), "request_compression_algorithm": packed}
        values = client.infer(given["name"], inputs, **options).as_numpy("predict").tolist()
        found.append([value.decode() if isinstance(value, bytes) else value for value in values])
for output in metadata["outputs"]:
    wanted = [triton.InferRequestedOutput(output["name"])]
    array = client.infer(given["name"], inputs, outputs=wanted, headers=headers).as_numpy(output["name"])
    assert list(array.shape) == [len(given["rows"]), *output["shape"][1:]]
try:
    client.infer(given["name"], inputs[:1], headers=headers)
except triton.InferenceServerException as error:
    found.append(str(error))
"""


@pytest.mark.parametrize("name", ["line", "forest"])
def test_tritons_client_asks_in_json_and_binary(lasting: Lasting, name: str) -> None:
    """Numbers and texts, as JSON and as raw tensors, packed and not, give the model's values; errors are worded."""
    pinned: Pinned = getattr(lasting, name)

    datatype, *found, message = peers.run(
        "clients", TRITON, rows=records(pinned), url=lasting.endpoint.url, token=TOKEN, name=name
    )

    expected = pinned.model.predict(pinned.rows[:3])
    assert datatype == "FP64"
    assert len(found) == 4
    for values in found:
        if name == "line":
            np.testing.assert_allclose(values, expected, rtol=1e-12)
        else:
            assert values == expected.tolist()
    assert "Missing column" in message


def test_open_inference_client_reads_the_answers(lasting: Lasting) -> None:
    """The client generated from the specification parses metadata, readiness and inference into its types."""
    code = """
import httpx
from open_inference.openapi.client import OpenInferenceClient, InferenceRequest
carrier = httpx.Client(headers={"Authorization": "Bearer " + given["token"]})
client = OpenInferenceClient(base_url=given["url"], httpx_client=carrier)
client.check_server_readiness()
client.check_model_readiness("line")
metadata = client.read_model_metadata("line")
columns = {name: [row[name] for row in given["rows"]] for name in given["rows"][0]}
inputs = [{"name": name, "shape": [3, 1], "datatype": "FP64", "data": data} for name, data in columns.items()]
answer = client.model_infer("line", request=InferenceRequest.parse_obj({"id": "7", "inputs": inputs}))
data = answer.outputs[0].data
found = [answer.id, metadata.name, list(getattr(data, "__root__", data))]
"""
    identity, name, values = peers.run(
        "clients", code, rows=records(lasting.line), url=lasting.endpoint.url, token=TOKEN
    )

    assert (identity, name) == ("7", "line")
    np.testing.assert_allclose(values, lasting.line.model.predict(lasting.line.rows[:3]), rtol=1e-12)


def test_kserves_client_asks(lasting: Lasting) -> None:
    """`InferenceRESTClient` finds server and model live and ready, and infers."""
    code = """
import asyncio, numpy
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
async def ask():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    headers = {"Authorization": "Bearer " + given["token"]}
    states = [await client.is_server_live(given["url"], headers=headers)]
    states.append(await client.is_server_ready(given["url"], headers=headers))
    states.append(await client.is_model_ready(given["url"], "line", headers=headers))
    inputs = []
    for name in given["rows"][0]:
        one = InferInput(name, [3, 1], "FP64")
        one.set_data_from_numpy(numpy.array([[row[name]] for row in given["rows"]]), binary_data=False)
        inputs.append(one)
    request = InferRequest(model_name="line", infer_inputs=inputs, request_id="7")
    answer = await client.infer(given["url"], request, model_name="line", headers=headers)
    return [*states, answer.outputs[0].as_numpy().reshape(-1).tolist()]
found = asyncio.run(ask())
"""
    live, ready, model, values = peers.run(
        "clients", code, rows=records(lasting.line), url=lasting.endpoint.url, token=TOKEN
    )

    assert (live, ready, model) == (True, True, True)
    np.testing.assert_allclose(values, lasting.line.model.predict(lasting.line.rows[:3]), rtol=1e-12)


@pytest.mark.slow
def test_no_request_of_a_fuzzer_gets_an_undocumented_answer(lasting: Lasting) -> None:
    """schemathesis over the OpenAPI: no 500, no status or content type that is not described."""
    executable = peers.python_of("clients").with_name("schemathesis")
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    options = ["--checks", checks, "--max-examples", "12", "--header", f"Authorization: Bearer {TOKEN}", "--no-color"]

    done = subprocess.run(
        [str(executable), "run", f"{lasting.endpoint.url}/openapi.json", *options],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:]
