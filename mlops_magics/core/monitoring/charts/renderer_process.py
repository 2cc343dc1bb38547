"""The program that draws, with the standard library and vl-convert, and nothing of this package.

It reads requests from stdin and writes answers to stdout: eight bytes for the length, then the bytes. A request is
JSON, ``{"spec", "kind", "scale"}``. An answer is a picture, or empty where it could not be drawn.
"""

import functools
import json
import os
import secrets
import struct
import sys
import threading

IDLE_SECONDS = 300
FIRST = {
    "data": {"values": [{"a": "x", "b": 1}]},
    "mark": "bar",
    "title": "warm",
    "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
}


def main() -> None:
    """Warm up, then draw until requests stop."""
    sys.path.append(sys.argv[1])
    wait = _leave_later()
    answer({"spec": json.dumps(FIRST), "kind": "png", "scale": 1.0})
    while len(head := sys.stdin.buffer.read(8)) == 8:
        wait.cancel()
        drawn = answer(json.loads(sys.stdin.buffer.read(struct.unpack("<Q", head)[0])))
        sys.stdout.buffer.write(struct.pack("<Q", len(drawn)) + drawn)
        sys.stdout.buffer.flush()
        wait = _leave_later()
    wait.cancel()


def answer(request: dict) -> bytes:  # type: ignore[type-arg]
    """Return the picture of a request, empty where there is none."""
    import vl_convert

    try:
        if request["kind"] == "html":
            return _page(request["spec"]).encode()
        drawing = _svg(request["spec"])
        picture = drawing.encode() if request["kind"] == "svg" else vl_convert.svg_to_png(drawing, request["scale"])
        return bytes(picture)
    except ValueError:  # the error of vl-convert for a specification that it cannot draw
        return b""


def _page(spec: str) -> str:
    """Return a page with the specification in a script, which no text of the data can end.

    vl-convert writes ``<`` as it is. A word that the data do not contain replaces it until it can be escaped.
    """
    import vl_convert

    mark = f"less{secrets.token_hex(16)}"
    hidden = json.loads(spec.replace("<", mark))
    page = str(vl_convert.vegalite_to_html(hidden, vl_version=_newest_of_five(), bundle=True))
    return page.replace(mark, "\\u003c")


@functools.lru_cache(maxsize=1)
def _svg(spec: str) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg(json.loads(spec), vl_version=_newest_of_five()))


@functools.cache
def _newest_of_five() -> str:
    import vl_convert

    known = [version for version in vl_convert.get_vegalite_versions() if version.startswith(("5.", "v5"))]
    return max(known, key=lambda version: [int(part) for part in version.lstrip("v").replace("_", ".").split(".")])


def _leave_later() -> threading.Timer:
    leave = threading.Timer(IDLE_SECONDS, os._exit, (0,))
    leave.daemon = True
    leave.start()
    return leave


if __name__ == "__main__":
    main()
