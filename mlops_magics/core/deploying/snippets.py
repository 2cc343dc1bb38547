"""Lines to paste: how to ask an endpoint from a shell and from Python."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any


def curl(url: str, token: str | None, rows: Sequence[dict[str, Any]]) -> str:
    """Return a shell command; the token is read from a variable, so that the line can be shared."""
    words = ["curl", "--fail-with-body", f"{url}/predict", "--json", json.dumps(list(rows), default=str)]
    line = " ".join(shlex.quote(word) for word in words)
    return line if token is None else f'{line} --header "Authorization: Bearer $MLOPS_MAGICS_TOKEN"'


def python(url: str, token: str | None, rows: Sequence[dict[str, Any]]) -> str:
    """Return Python that needs `requests` and nothing of ours."""
    headers = "{}" if token is None else '{"Authorization": f"Bearer {os.environ[\'MLOPS_MAGICS_TOKEN\']}"}'
    imports = "import requests" if token is None else "import os\n\nimport requests"
    rows_text = json.dumps(list(rows), default=str, indent=4)
    return (
        f"{imports}\n\nrows = json.loads('''{rows_text}''')\n".replace("import requests", "import json\n\nimport requests", 1).replace("import os\n\nimport json", "import json\nimport os", 1)
        + f'reply = requests.post("{url}/predict", json=rows, headers={headers}, timeout=60)\n'
        + 'reply.raise_for_status()\nprint(reply.json()["predict"])\n'
    )
