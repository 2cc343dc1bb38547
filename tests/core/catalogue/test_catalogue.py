"""A board as a site: every model has a page, only what changed is written again, and nothing is loaded."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mlops_magics as mm
from mlops_magics import cli
from mlops_magics.core.catalogue import index_page, site_files
from mlops_magics.core.catalogue.index_page import ModelRow
from mlops_magics.errors import InvalidInput, MlopsError
from tests.core.failing_files import Crash, FailingFiles, Plan

ROWS = pd.DataFrame(np.random.default_rng(3).normal(size=(60, 2)), columns=["a", "b"])
TRUTH = (ROWS["a"] > 0).astype(int)
HOSTILE = "</script><img src=x onerror=alert(1)>"
ADDRESS = re.compile(r"""(?:src|href)="([^"]*)\"""")


@pytest.fixture
def session(tmp_path: Path) -> mm.Session:
    """Return a session with five models, one of two versions, whose description is hostile."""
    session = mm.Session(board=tmp_path / "board")
    for strength in (1, 2):
        model = LogisticRegression(C=strength).fit(ROWS, TRUTH)
        session.pin(model, "owls", data=ROWS, truth=TRUTH, test=(ROWS, TRUTH), description=HOSTILE, tags=["eu"])
    for name in ("finches", "herons", "gulls", "terns"):
        session.copy("owls@v1", session.board, name=name)
    return session


def test_only_what_changed_is_written_again(session: mm.Session, tmp_path: Path) -> None:
    """A second run writes nothing; an alias, a card or a verdict changes one page; that of a deleted model goes."""
    site = tmp_path / "site"
    first = session.catalogue(to=site)
    assert (first.models, first.written, first.kept, first.removed) == (5, 5, 0, 0)
    assert {page.stem for page in (site / "models").glob("*.html")} == set(session.models()["name"])

    changes = (
        lambda: None,
        lambda: session.promote("owls@v1", to="champion"),
        lambda: session.model_card("gulls", {"owners": "Ana"}),
        lambda: session.monitor("terns", data=ROWS),
        lambda: session.delete("herons@v1"),
    )
    found = []
    for change in changes:
        change()
        again = session.catalogue(to=site)
        found.append((again.written, again.removed))
    assert found == [(0, 0), (1, 0), (1, 0), (1, 0), (0, 1)]
    assert not (site / "models" / "herons.html").exists()
    assert "Ana" in (site / "models" / "gulls.html").read_text()


@pytest.mark.parametrize("error", [None, errno.ENOSPC])
def test_R04_a_site_that_ends_at_any_operation_has_whole_pages_and_is_continued(
    session: mm.Session, tmp_path: Path, error: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4: killed, or on a full disk, at operation k, for every k: each page is the old one or the new one."""

    def files(site: Path) -> dict[str, bytes]:
        return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("[!.]*") if path.is_file()}

    session.catalogue(to=tmp_path / "before")
    session.promote("owls@v1", to="champion")
    session.delete("herons@v1")
    shutil.copytree(tmp_path / "before", tmp_path / "after")
    counted = Plan()
    with monkeypatch.context() as patch:
        patch.setattr(site_files, "FileLayer", lambda root: FailingFiles(root, counted))
        assert session.catalogue(to=tmp_path / "after").written == 1
    before, after = files(tmp_path / "before"), files(tmp_path / "after")
    changing = {"index.html"}  # it has the minute in which it was written
    for at in range(1, counted.count + 1):
        site = tmp_path / f"at{at}"
        shutil.copytree(tmp_path / "before", site)
        failing = Plan(at, OSError(error, os.strerror(error)) if error else None)
        with monkeypatch.context() as patch:
            patch.setattr(site_files, "FileLayer", lambda root, failing=failing: FailingFiles(root, failing))
            with contextlib.suppress(Crash, MlopsError):
                session.catalogue(to=site)
        for name, data in files(site).items():
            assert name in changing or data in (before.get(name), after.get(name)), (at, name)
            assert name not in changing or data.rstrip().endswith(b"</html>"), at
        session.catalogue(to=site)
        found = files(site)
        assert {name: found[name] for name in found if name not in changing} == {
            name: after[name] for name in after if name not in changing
        }, at


@pytest.mark.parametrize("put", ["link", "pipe", "folder of pages", "too large"])
def test_R12_a_site_writes_nothing_outside_and_waits_for_nothing(
    session: mm.Session, tmp_path: Path, put: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12, T5: links, pipes and huge files in the place of a site's files and of its folder of pages."""
    site, outside = tmp_path / "site", tmp_path / "outside"
    session.catalogue(to=site)
    outside.mkdir()
    (outside / "owls.html").write_text("mine")
    (outside / "herons.html").write_text("mine")
    session.delete("herons@v1")
    record = site / "catalogue.json"
    if put == "folder of pages":
        shutil.rmtree(site / "models")
        (site / "models").symlink_to(outside, target_is_directory=True)
        with pytest.raises(InvalidInput, match="models is a link"):
            session.catalogue(to=site)
    else:
        record.unlink()
        if put == "pipe":
            os.mkfifo(record)
        elif put == "link":
            record.symlink_to(outside / "owls.html")
        else:
            with record.open("wb") as stream:
                stream.truncate(50_000_000_000)
        assert session.catalogue(to=site).written == 4
        assert json.loads(record.read_text())
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"owls.html": "mine", "herons.html": "mine"}


def test_a_page_says_what_the_board_knows(session: mm.Session, tmp_path: Path) -> None:
    """Versions, charts of their metrics and the card are in the page; no text becomes markup, no address leads out."""
    session.catalogue(to=tmp_path / "site")

    page = (tmp_path / "site" / "models" / "owls.html").read_text()
    for version in session.versions("owls")["version"]:
        assert version in page
    assert "accuracy, by version" in page
    assert "Columns that it reads" in page
    assert "<img" not in page
    assert "<script" not in page
    assert set(ADDRESS.findall(page)) == {"../index.html"}
    index = (tmp_path / "site" / "index.html").read_text()
    assert index.count("</script>") == 2
    assert set(ADDRESS.findall(index.partition("<script")[0])) == set()


def test_a_damaged_manifest_is_made_again(session: mm.Session, tmp_path: Path) -> None:
    """Whatever stands in its place, all pages are written, and nothing outside the site is touched."""
    site = tmp_path / "site"
    session.catalogue(to=site)
    row = dict.fromkeys(ModelRow.__dataclass_fields__, "")
    for damaged in (b"{", b"[1]", json.dumps({"../../board": {"made_of": "x", "row": row}}).encode()):
        (site / "catalogue.json").write_bytes(damaged)

        assert session.catalogue(to=site).written == 5
        assert len(session.models()) == 5


def test_an_object_store_and_the_command_line(
    session: mm.Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A URL of fsspec is written as a folder is; an unknown one is refused in one line."""
    import fsspec

    assert session.catalogue(to="memory://site-of-owls").written == 5
    assert fsspec.filesystem("memory").exists("/site-of-owls/models/owls.html")
    assert session.catalogue(to="memory://site-of-owls").written == 0
    fsspec.filesystem("memory").rm("/site-of-owls", recursive=True)
    with pytest.raises(InvalidInput):
        session.catalogue(to="carrier-pigeon://site")

    assert cli.main(["catalogue", "--board", session.board.url, "--to", str(tmp_path / "out"), "--json"]) == cli.DONE
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["written"] == 5


def test_a_bucket_is_a_site_that_browsers_show(
    session: mm.Session, bucket_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages in S3 have the media type of pages; only what changed is sent again."""
    import boto3
    import s3fs

    for name, value in (
        ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_ENDPOINT_URL", bucket_server),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    client = boto3.client("s3")
    client.create_bucket(Bucket="catalogue-site")
    assert session.catalogue(to="s3://catalogue-site/models").written == 5
    assert session.catalogue(to="s3://catalogue-site/models").written == 0

    page = client.head_object(Bucket="catalogue-site", Key="models/index.html")
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert client.head_object(Bucket="catalogue-site", Key="models/models/owls.html")["ContentType"].startswith(
        "text/html"
    )
    s3fs.S3FileSystem.clear_instance_cache()


SEARCH = """
function element() {
  const found = { children: [], listeners: {}, append(...more) { found.children.push(...more); },
    replaceChildren(...more) { found.children = more; },
    addEventListener(name, call) { found.listeners[name] = call; } };
  return found;
}
const parts = { models: { textContent: RECORD }, count: element(), search: { ...element(), value: "" } };
const table = element();
globalThis.document = { getElementById: (id) => parts[id], querySelector: () => table, createElement: element };
parts.search.addEventListener = (name, call) => { parts.search.call = call; };
{ SCRIPT }
const lines = [parts.count.textContent];
for (const words of ["model-1999", "MODEL-19 champion", "nothing"]) {
  parts.search.value = words; parts.search.call(); lines.push(parts.count.textContent);
}
console.log(JSON.stringify([lines, table.children.length]));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
def test_two_thousand_models_are_searched_in_the_page() -> None:
    """All words count, in any case and order; at most 200 rows are drawn."""
    rows = [{"name": f"model-{place}", "aliases": "champion" if place % 2 else ""} for place in range(2000)]
    full = [{**dict.fromkeys(ModelRow.__dataclass_fields__, ""), **row} for row in rows]
    program = SEARCH.replace("RECORD", json.dumps(json.dumps(full))).replace("SCRIPT", index_page.SCRIPT)

    done = subprocess.run(
        ["node", "--input-type=module"], input=program, capture_output=True, text=True, check=True, timeout=60
    )

    counts, drawn = json.loads(done.stdout)
    assert counts == [
        "2000 of 2000 models, the first 200 are shown",
        "1 of 2000 models",
        "56 of 2000 models",
        "0 of 2000 models",
    ]
    assert drawn == 0
