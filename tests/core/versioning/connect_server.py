"""As much of Posit Connect's documented API as the pins package uses, over real HTTP and with its refusals."""

from __future__ import annotations

import io
import itertools
import tarfile
import uuid
from collections.abc import Callable
from typing import Any

import flask

KEY = "connect-key"
MISSING, ACTIVE_BUNDLE, UNAUTHORIZED = 4, 75, 30
USER = {"guid": "user-1", "username": "ada"}


class Connect:
    """The contents of one server: each has bundles, one of which is current once it was deployed."""

    url: str

    def __init__(self) -> None:
        self.contents: dict[str, dict[str, Any]] = {}
        self.bundles: dict[str, dict[str, bytes]] = {}
        self.deployed: set[str] = set()
        self.numbers = itertools.count(1)
        self.before_deploy: Callable[[str], None] = lambda bundle: None

    def app(self) -> flask.Flask:
        """Return the server as a WSGI application."""
        app = flask.Flask("connect")
        app.before_request(self._authorized)
        for rule, method, view in (
            ("/__api__/v1/user", "GET", lambda: USER),
            ("/__api__/v1/users", "GET", self._users),
            ("/__api__/v1/content", "GET", self._find),
            ("/__api__/v1/content", "POST", self._create),
            ("/__api__/v1/content/<guid>", "PATCH", self._change),
            ("/__api__/v1/content/<guid>", "DELETE", self._delete),
            ("/__api__/v1/content/<guid>/bundles", "GET", self._list_bundles),
            ("/__api__/v1/content/<guid>/bundles", "POST", self._upload),
            ("/__api__/v1/content/<guid>/bundles/<number>", "GET", self._bundle),
            ("/__api__/v1/content/<guid>/bundles/<number>", "DELETE", self._delete_bundle),
            ("/__api__/v1/content/<guid>/bundles/<number>/download", "GET", self._download),
            ("/__api__/v1/content/<guid>/deploy", "POST", self._deploy),
            ("/__api__/v1/tasks/<task>", "GET", lambda task: {"id": task, "finished": True, "code": 0, "last": 0}),
            ("/__api__/applications", "GET", self._applications),
            ("/content/<guid>/_rev<number>/<path:file>", "GET", self._file),
        ):
            app.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
        return app

    def _authorized(self) -> Any:
        if flask.request.headers.get("Authorization") != f"Key {KEY}":
            return {"code": UNAUTHORIZED, "error": "The key is not known."}, 401
        return None

    def _users(self) -> Any:
        page = int(flask.request.args.get("page_number", 1))
        return {"results": [USER] if page == 1 else [], "current_page": page}

    def _find(self) -> Any:
        wanted = flask.request.args.get("name")
        return [each for each in self.contents.values() if wanted in (None, each["name"])]

    def _create(self) -> Any:
        name, guid = flask.request.json["name"], uuid.uuid4().hex
        if any(each["name"] == name for each in self.contents.values()):
            return {"code": 26, "error": "An object with that name already exists."}, 409
        self.contents[guid] = {**flask.request.json, "guid": guid, "bundle_id": None, "owner_guid": USER["guid"]}
        return self.contents[guid]

    def _change(self, guid: str) -> Any:
        self.contents[guid].update(flask.request.json)
        return self.contents[guid]

    def _delete(self, guid: str) -> Any:
        del self.contents[guid]
        return "", 204

    def _list_bundles(self, guid: str) -> Any:
        return [self._about(guid, number) for number in reversed(self._numbers(guid))]

    def _numbers(self, guid: str) -> list[str]:
        return [key.partition("/")[2] for key in self.bundles if key.startswith(f"{guid}/")]

    def _about(self, guid: str, number: str) -> dict[str, Any]:
        return {"id": number, "content_guid": guid, "active": self.contents[guid]["bundle_id"] == number}

    def _upload(self, guid: str) -> Any:
        number = str(next(self.numbers))
        with tarfile.open(fileobj=io.BytesIO(flask.request.get_data())) as archive:
            files = {
                member.name.removeprefix("./"): archive.extractfile(member).read()  # type: ignore[union-attr]
                for member in archive
                if member.isfile()
            }
        self.bundles[f"{guid}/{number}"] = files
        return self._about(guid, number)

    def _bundle(self, guid: str, number: str) -> Any:
        if number not in self._numbers(guid):
            return {"code": MISSING, "error": "The requested object does not exist."}, 404
        return self._about(guid, number)

    def _delete_bundle(self, guid: str, number: str) -> Any:
        if self.contents[guid]["bundle_id"] == number:
            return {"code": ACTIVE_BUNDLE, "error": "The current bundle cannot be deleted."}, 409
        del self.bundles[f"{guid}/{number}"]
        return "", 204

    def _download(self, guid: str, number: str) -> Any:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w:gz") as archive:
            for name, data in self.bundles[f"{guid}/{number}"].items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        return flask.Response(stream.getvalue(), mimetype="application/gzip")

    def _deploy(self, guid: str) -> Any:
        number = flask.request.json["bundle_id"]
        self.before_deploy(number)
        if "index.html" not in self.bundles[f"{guid}/{number}"]:
            return {"code": 100, "error": "The primary document is missing."}, 400
        self.contents[guid]["bundle_id"] = number
        self.deployed.add(f"{guid}/{number}")
        return {"task_id": f"task-{number}"}

    def _applications(self) -> Any:
        found = [each for each in self.contents.values() if each["bundle_id"] is not None]
        return {"applications": [{**each, "owner_username": USER["username"]} for each in found], "total": len(found)}

    def _file(self, guid: str, number: str, file: str) -> Any:
        found = self.bundles.get(f"{guid}/{number}", {}).get(file)
        if found is None or f"{guid}/{number}" not in self.deployed:
            return "not found", 404
        return flask.Response(found, mimetype="application/octet-stream")
