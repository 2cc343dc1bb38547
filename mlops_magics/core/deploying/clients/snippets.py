"""Code to paste: calls of an endpoint from a shell, Python, R and JavaScript."""

from __future__ import annotations

import json
import pprint
import shlex
from collections.abc import Sequence
from typing import Any

TOKEN_VARIABLE = "MLOPS_MAGICS_TOKEN"  # noqa: S105, the name of a variable, so that lines can be shared without the token


def curl(url: str, token: str | None, rows: Sequence[dict[str, Any]]) -> str:
    """Return a shell command that asks for these rows; the token is read from an environment variable."""
    words = ["curl", "--fail-with-body", f"{url}/predict", "--json", json.dumps(list(rows), default=str)]
    line = " ".join(shlex.quote(word) for word in words)
    return line if token is None else f'{line} --header "Authorization: Bearer ${TOKEN_VARIABLE}"'


def python(url: str, token: str | None, rows: Sequence[dict[str, Any]]) -> str:
    """Return Python that needs `requests` and nothing of ours."""
    plain = json.loads(json.dumps(list(rows), default=str))
    imports = ["import requests"] if token is None else ["import os", "", "import requests"]
    header = f'headers = {{"Authorization": f"Bearer {{os.environ[{TOKEN_VARIABLE!r}]}}"}}'
    lines = [
        *imports,
        "",
        f"rows = {pprint.pformat(plain, sort_dicts=False)}",
        "headers = {}" if token is None else header,
        f'reply = requests.post("{url}/predict", json=rows, headers=headers, timeout=60)',
        "reply.raise_for_status()",
        'print(reply.json()["predict"])',
    ]
    return "\n".join(lines) + "\n"


def r(url: str, token: str | None, rows: Sequence[dict[str, Any]]) -> str:
    """Return R that needs `httr2`."""
    body = json.dumps(list(rows), default=str)
    header = [] if token is None else [f'  req_auth_bearer_token(Sys.getenv("{TOKEN_VARIABLE}")) |>']
    return "\n".join(
        [
            "library(httr2)",
            "",
            f'request("{url}/predict") |>',
            *header,
            f'  req_body_raw(r"---({body})---", type = "application/json") |>',
            "  req_perform() |>",
            "  resp_body_json()",
            "",
        ]
    )


def javascript(url: str, token: str | None, rows: Sequence[dict[str, Any]]) -> str:
    """Return JavaScript for Node; a browser's pages are refused by their Origin."""
    headers = ['"Content-Type": "application/json"']
    if token is not None:
        headers.append(f"Authorization: `Bearer ${{process.env.{TOKEN_VARIABLE}}}`")
    lines = [
        f'const reply = await fetch("{url}/predict", {{',
        '  method: "POST",',
        f"  headers: {{ {', '.join(headers)} }},",
        f"  body: JSON.stringify({json.dumps(list(rows), default=str)}),",
        "});",
        "console.log((await reply.json()).predict);",
    ]
    return "\n".join(lines) + "\n"


BY_LANGUAGE = {"curl": curl, "python": python, "r": r, "javascript": javascript}
