"""The pin that holds a board's event log: to pins it is one ordinary JSON pin with one version."""

from __future__ import annotations

import json

import xxhash

VERSION = "20000101T000000Z-00000"
FILE = "log.json"


def event_file(sequence: int) -> str:
    """Return the name of an event's file."""
    return f"{sequence:08d}.json"


def files(board_id: str) -> dict[str, bytes]:
    """Return the files that make the log an ordinary pin, its metadata last."""
    about = json.dumps({"board": board_id, "layout": 1}).encode()
    metadata = (
        "api_version: 1\ncreated: 20000101T000000Z\n"
        "description: Who moved which alias when; written by mlops_magics\n"
        f"file: {FILE}\nfile_size: {len(about)}\npin_hash: '{xxhash.xxh64(about).hexdigest()}'\n"
        "title: 'mlops-magics-log: history of this board'\ntype: json\nuser: {}\n"
    )
    return {FILE: about, "data.txt": metadata.encode()}
