"""Code to paste that calls an endpoint. Its first line gets the token, so that it runs as it is.

The token itself is in none of them: it is in the variable, or ``mlops-magics token NAME`` prints it.
"""

from __future__ import annotations

import json
import pprint
import shlex
from collections.abc import Sequence
from typing import Any

TOKEN_VARIABLE = "MLOPS_MAGICS_TOKEN"  # noqa: S105, the name of a variable
"""The variable in which another machine keeps the token."""


def curl(name: str, url: str, token: str | None, rows: Sequence[dict[str, Any]]) -> str:
    """Return shell commands that send these rows.

    Parameters
    ----------
    name, url
        The model, and the address of its endpoint.
    token
        Any text where the endpoint requires a token. It is not shown.
    rows
        Rows to send, each a record.
    """
    words = ["curl", "--fail-with-body", f"{url}/predict", "--json", json.dumps(list(rows), default=str)]
    line = " ".join(shlex.quote(word) for word in words)
    if token is None:
        return line
    first = f'{TOKEN_VARIABLE}="${{{TOKEN_VARIABLE}:-$(mlops-magics token {shlex.quote(name)})}}"'
    # without a token nothing is sent: there is none where another process has the endpoint's port
    return f'{first} &&\n{line} --header "Authorization: Bearer ${TOKEN_VARIABLE}"'


def python(name: str, url: str, token: str | None, rows: Sequence[dict[str, Any]]) -> str:
    """Return Python that needs `requests`, and this package only where the variable is not set.

    Parameters
    ----------
    name, url
        The model, and the address of its endpoint.
    token
        Any text where the endpoint requires a token. It is not shown.
    rows
        Rows to send, each a record.
    """
    plain = json.loads(json.dumps(list(rows), default=str))
    imports = ["import requests"] if token is None else ["import os, subprocess, sys", "", "import requests"]
    command = f'[sys.executable, "-m", "mlops_magics", "token", {name!r}]'
    fetched = f"subprocess.check_output({command}, text=True).strip()"
    lines = [
        *imports,
        "",
        *([] if token is None else [f"token = os.environ.get({TOKEN_VARIABLE!r}) or {fetched}"]),
        f"rows = {pprint.pformat(plain, sort_dicts=False)}",
        "headers = {}" if token is None else 'headers = {"Authorization": f"Bearer {token}"}',
        # a redirect would send the rows to another place
        f'reply = requests.post("{url}/predict", json=rows, headers=headers, timeout=60, allow_redirects=False)',
        "reply.raise_for_status()",
        'print(reply.json()["predict"])',
    ]
    return "\n".join(lines) + "\n"


def r(name: str, url: str, token: str | None, rows: Sequence[dict[str, Any]]) -> str:
    """Return R that needs `httr2`.

    Parameters
    ----------
    name, url
        The model, and the address of its endpoint.
    token
        Any text where the endpoint requires a token. It is not shown.
    rows
        Rows to send, each a record.
    """
    body = json.dumps(list(rows), default=str)
    fetched = (
        f'token <- Sys.getenv("{TOKEN_VARIABLE}", system("mlops-magics token {shlex.quote(name)}", intern = TRUE))'
    )
    header = [] if token is None else ["  req_auth_bearer_token(token) |>"]
    return "\n".join(
        [
            "library(httr2)",
            "",
            *([] if token is None else [fetched]),
            f'request("{url}/predict") |>',
            *header,
            # a raw string of R's, in which nothing is escaped
            f'  req_body_raw(r"---({body})---", type = "application/json") |>',
            "  req_options(followlocation = FALSE) |>",
            "  req_perform() |>",
            "  resp_body_json()",
            "",
        ]
    )


def javascript(name: str, url: str, token: str | None, rows: Sequence[dict[str, Any]]) -> str:
    """Return JavaScript for Node (a module). A browser's pages are refused by their Origin.

    Parameters
    ----------
    name, url
        The model, and the address of its endpoint.
    token
        Any text where the endpoint requires a token. It is not shown.
    rows
        Rows to send, each a record.
    """
    headers = ['"Content-Type": "application/json"']
    first = []
    if token is not None:
        command = json.dumps(f"mlops-magics token {shlex.quote(name)}")
        first = [
            'import { execSync } from "node:child_process";',
            "",
            f"const token = process.env.{TOKEN_VARIABLE} ?? execSync({command}).toString().trim();",
        ]
        headers.append("Authorization: `Bearer ${token}`")
    lines = [
        *first,
        f'const reply = await fetch("{url}/predict", {{',
        '  method: "POST",',
        '  redirect: "error",',
        f"  headers: {{ {', '.join(headers)} }},",
        f"  body: JSON.stringify({json.dumps(list(rows), default=str)}),",
        "});",
        "console.log((await reply.json()).predict);",
    ]
    return "\n".join(lines) + "\n"


BY_LANGUAGE = {"python": python, "r": r, "curl": curl, "javascript": javascript}
"""The code of each language that calls an endpoint of a name, at a URL, with a token (or None), for rows."""
