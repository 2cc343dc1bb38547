"""Pages of the site that are made from other things: notebooks, help of the verbs, routes, files of the project."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
PROJECT = {"contributing": "CONTRIBUTING.md", "measurements": "bench/README.md", "changes": "CHANGELOG.md"}
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
    """Return the routes of an endpoint; each endpoint describes itself at ``/openapi.json``."""
    from mlops_magics.core.deploying.server.routes import ROUTES

    rows = [f"| `{each.verb}` | `{each.pattern}` | {each.protocol} | {each.summary} |" for each in ROUTES]
    head = "# HTTP\n\nAn endpoint describes itself, with its columns, at `/openapi.json`. A reader of it is at `/`.\n\n"
    return head + "| verb | route | protocol | what |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


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
