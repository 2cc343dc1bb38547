"""Pages of the site that are made from other things: notebooks, help of the verbs, routes, files of the project."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
PROJECT = {"contributing": "CONTRIBUTING.md", "measurements": "bench/README.md", "changes": "CHANGELOG.md",
           "security": "SECURITY.md"}  # fmt: skip
"""The page of a file of the project."""
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)\s]+)\)")


def on_files(files: Any, config: Any) -> Any:
    """Add the pages before the site is built; mkdocs calls this."""
    from mkdocs.structure.files import File

    for name, content in pages():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Return a page with the addresses of the site in place of those of the clone; mkdocs calls this."""
    found = markdown.replace("](../bench/README.md", "](project/measurements.md")
    return re.sub(r"\]\(\.\./notebooks/([\w-]+)\.ipynb", r"](tutorials/\1.md", found)


def pages() -> Iterator[tuple[str, str | bytes]]:
    """Yield the name and the content of each page."""
    yield "reference/commands.md", commands()
    yield (
        "reference/python.md",
        "# Python\n\n::: mlops_magics.Session\n\n::: mlops_magics.drift\n\n::: mlops_magics.performance\n",
    )
    yield "reference/http.md", routes()
    for page, source in PROJECT.items():
        yield f"project/{page}.md", _without_links((ROOT / source).read_text(encoding="utf-8"))
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        yield from tutorial(path)


def commands() -> str:
    """Return the help of every verb, as `?` and `--help` show it."""
    from mlops_magics import cli
    from mlops_magics.magics import parsing

    parts = ["# Magics and command line\n"]
    for each in cli.COMMANDS.values():
        command = argparse.ArgumentParser(prog=f"mlops-magics {each.name}", **parsing.help_of(each, cli.examples(each)))
        parsing.build(command, each, cli.more(each))
        magic = "\n".join(each.examples)
        shown = f"```python\n{magic}\n```\n\n" if magic else ""
        parts.append(f"## {each.name}\n\n{each.summary}\n\n{shown}```text\n{command.format_help()}```\n")
    return "\n".join(parts)


def routes() -> str:
    """Return the routes of an endpoint, and the description that the one of a small model gives of itself."""
    from mlops_magics.core.deploying.server.routes import ROUTES

    rows = [f"| `{each.verb}` | `{each.pattern}` | {each.protocol} | {each.summary} |" for each in ROUTES]
    head = "# HTTP\n\nAn endpoint describes itself, with its columns, at `/openapi.json`. A reader of it is at `/`.\n\n"
    table = head + "| verb | route | protocol | what |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    return f"{table}\n{operations(example_description())}"


def example_description() -> dict[str, Any]:
    """Return the OpenAPI description of an endpoint of a model with two columns."""
    import io

    import pandas as pd
    from sklearn.linear_model import LogisticRegression

    import mlops_magics as mm

    session = mm.Session(board="memory://documentation")
    rows = pd.DataFrame({"bill_length_mm": [39.1, 46.5, 50.0, 38.2], "island": [0, 1, 1, 0]})
    truth = ["Adelie", "Gentoo", "Gentoo", "Adelie"]
    session.pin(LogisticRegression().fit(rows, truth), "penguins", data=rows, truth=truth)
    asked = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/openapi.json", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }  # fmt: skip
    application = session.application("penguins")
    return dict(json.loads(b"".join(application(asked, lambda *given: None))))


def operations(description: dict[str, Any]) -> str:
    """Return each operation of an OpenAPI description: its summary, an example of its body, and its answers."""
    parts = ["## Operations\n\nOf the endpoint of a model with the columns `bill_length_mm` and `island`.\n"]
    for path, verbs in description["paths"].items():
        for verb, found in verbs.items():
            parts.append(f"### {verb.upper()} {path}\n\n{found.get('summary', '')}\n")
            for media, content in found.get("requestBody", {}).get("content", {}).items():
                example = content.get("example")
                example = example if example is not None else next(iter(content.get("examples", {}).values()), None)
                if example is not None:
                    shown = json.dumps(example, indent=1)
                    parts.append(f"Body, `{media}`:\n\n```json\n{shown}\n```\n")
            answers = [f"| {code} | {each.get('description', '')} |" for code, each in found["responses"].items()]
            parts.append("| status | what |\n|---|---|\n" + "\n".join(answers) + "\n")
    row = json.dumps(description["components"]["schemas"], indent=1)
    return "\n".join([*parts, f"## Schemas\n\n```json\n{row}\n```\n"])


def tutorial(path: Path) -> Iterator[tuple[str, str | bytes]]:
    """Yield a notebook as Markdown, and the pictures of its outputs."""
    from nbconvert import MarkdownExporter

    text, found = MarkdownExporter().from_filename(str(path))
    folder = f"{path.stem}_files"
    for name, data in found["outputs"].items():
        text = text.replace(f"({name})", f"({folder}/{name})")
        yield f"tutorials/{folder}/{name}", data
    yield f"tutorials/{path.stem}.md", _without_links(text, keep=folder)


def _without_links(text: str, keep: str = "\0") -> str:
    """Return Markdown whose links to files of the clone are their texts alone: those files are not part of the site."""
    return _LINK.sub(lambda found: found[0] if found[1].startswith(keep) else "]", text)
