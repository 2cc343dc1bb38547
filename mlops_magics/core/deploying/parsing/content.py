"""Detection of a body's format: by its Content-Type, and by its first bytes where the type is not specific."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

from mlops_magics.core.deploying.contract.http_error import HttpError, malformed
from mlops_magics.core.deploying.contract.media import ARROW, CSV, JSON, PARQUET, media_type

JSON_LINES = "application/x-ndjson"
ARROW_FILE = "application/vnd.apache.arrow.file"
TSV = "text/tab-separated-values"
MULTIPART, FORM = "multipart/form-data", "application/x-www-form-urlencoded"

_SYNONYMS = {
    "application/csv": CSV,
    "text/comma-separated-values": CSV,
    "application/vnd.ms-excel": CSV,
    "application/jsonl": JSON_LINES,
    "application/jsonlines": JSON_LINES,
    "application/x-jsonlines": JSON_LINES,
    "application/ndjson": JSON_LINES,
    "text/json": JSON,
    "text/tsv": TSV,
    "application/parquet": PARQUET,
    "application/x-parquet": PARQUET,
    "application/arrow": ARROW,
}
_UNSPECIFIC = frozenset({FORM, "text/plain", "application/octet-stream", "binary/octet-stream", "*/*"})
"""Types that a client sends by default: curl's `-d`, browsers, `requests` for a string."""
_SUFFIXES = {
    ".csv": CSV,
    ".tsv": TSV,
    ".json": JSON,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".parquet": PARQUET,
    ".arrow": ARROW,
    ".arrows": ARROW,
}
_TEXTS = frozenset({JSON, JSON_LINES, CSV, TSV})
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_FILE_NAME = re.compile(rb"[\w./ -]{1,200}\.(csv|tsv|jsonl?|ndjson|parquet|arrow)")
_GZIP, _PARQUET, _ARROW_FILE, _ARROW, _ZIP = b"\x1f\x8b", b"PAR1", b"ARROW1", b"\xff\xff\xff\xff", b"PK\x03\x04"


def check_is_json(content_type: str) -> None:
    """Check that a body is declared as JSON, or by a type that clients send by default.

    Raises
    ------
    HttpError
        415 for another type.
    """
    kind = media_type(content_type)
    if kind and _SYNONYMS.get(kind, kind) != JSON and kind not in _UNSPECIFIC:
        raise HttpError(415, f"Unsupported Content-Type {kind[:80]!r}. Send {JSON}.")


def recognise(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Return the body as it can be parsed, and its media type: JSON, CSV, TSV, Arrow or Parquet.

    Raises
    ------
    HttpError
        400 or 415, with the formats to send instead.
    """
    kind = media_type(content_type)
    kind = _SYNONYMS.get(kind, kind)
    if kind == MULTIPART:
        content, kind = _only_file(body, content_type)
        if content.startswith(_GZIP):
            raise malformed(
                "The file is gzip. Send it as --data-binary @F --header 'Content-Encoding: gzip', not as -F."
            )
        return recognise(content, kind)
    if body.startswith(_GZIP):
        raise malformed("The body is gzip, without a header for it. Send --header 'Content-Encoding: gzip' too.")
    if not body.strip():
        raise malformed("The body is empty. Send rows: JSON as --json '[…]', a file as --data-binary @F.")
    if body.startswith(_ZIP) and (kind in _UNSPECIFIC or kind in _TEXTS or not content_type):
        raise HttpError(415, "The body is a ZIP file or a workbook. Save the sheet as CSV, or send Parquet.")
    if kind in _UNSPECIFIC or (not content_type and b"\n" in body and not _looks_like_json(body)):
        kind = _by_bytes(body, kind)
    if kind in _TEXTS:
        body = _as_utf8(body, content_type)
    if kind == JSON_LINES or (kind == JSON and _is_json_lines(body)):
        return b"[" + b",".join(line for line in body.splitlines() if line.strip()) + b"]", JSON
    if kind == ARROW_FILE or (kind == ARROW and body.startswith(_ARROW_FILE)):
        return _stream_of_file(body), ARROW
    return body, kind


def stands_for_more(body: bytes, content_type: str) -> bool:
    """Return whether a short body may hold many rows because of its format: Parquet, or a form with any file."""
    kind = media_type(content_type)
    return body.startswith(_PARQUET) or _SYNONYMS.get(kind, kind) in {PARQUET, MULTIPART, ARROW_FILE}


def _looks_like_json(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{", b""}


def _by_bytes(body: bytes, kind: str) -> str:
    """Return the type of a body by its first bytes. JSON is text that begins with a bracket, CSV any other text."""
    if body.startswith(_PARQUET):
        return PARQUET
    if body.startswith(_ARROW_FILE):
        return ARROW_FILE
    if body.startswith(_ARROW):
        return ARROW
    if _looks_like_json(body) or any(body.startswith(mark) and b"[" in body[:6] for mark in _MARKS):
        return JSON
    if _FILE_NAME.fullmatch(body.strip()):
        name = body.strip().decode()
        raise malformed(f"The body is the name of a file. Send its content: --data-binary @{name}")
    if kind == FORM and b"\n" not in body:  # curl's -d removes the line breaks of a file
        raise malformed(
            "The body is a form. Send JSON as --json '[…]', CSV as --data-binary @F --header 'Content-Type: text/csv'."
        )
    return CSV


def _as_utf8(body: bytes, content_type: str) -> bytes:
    """Return a text in UTF-8 without a byte order mark."""
    mark = next((name for start, name in _MARKS.items() if body.startswith(start)), None)
    named = _CHARSET.search(content_type)
    charset = mark or (named[1].lower() if named is not None else "utf-8")
    # not decoded here: the parsers check UTF-8 themselves, and a copy of the body is saved
    if charset in {"utf-8", "utf8", "us-ascii"}:
        return body
    try:
        return body.decode(charset).encode()
    except (LookupError, UnicodeDecodeError):
        raise malformed(f"The body is not a text in {charset[:20]!r}.") from None


def _is_json_lines(body: bytes) -> bool:
    """Return whether a body is objects on lines of their own, not one JSON value."""
    start = body.lstrip()[:1]
    return start == b"{" and re.search(rb"\}\s*\n\s*\{", body[: 1 << 20]) is not None and not _is_one_object(body)


def _is_one_object(body: bytes) -> bool:
    import orjson

    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _only_file(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Return the one file of a form, and its type."""
    from werkzeug.formparser import parse_form_data

    environ: Mapping[str, object] = {
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": content_type,
        "REQUEST_METHOD": "POST",
    }
    try:
        _, fields, files = parse_form_data(dict(environ), max_form_memory_size=len(body) + 1, max_form_parts=16)
    except Exception:  # werkzeug has several errors for a form that is not valid
        raise malformed("The body is not a valid form.") from None
    parts = [(file.read(), file.content_type or "", file.filename or "") for _, file in files.items(multi=True)]
    parts += [(text.encode(), "", "") for _, text in fields.items(multi=True)] if not parts else []
    if len(parts) != 1:
        raise malformed(f"Expected one file in the form, got {len(parts)}. Send it as -F file=@rows.csv.")
    content, kind, name = parts[0]
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if (media_type(kind) == JSON and kind == "") or media_type(kind) in _UNSPECIFIC:
        kind = _SUFFIXES.get(suffix, "")
    if media_type(kind) == MULTIPART:
        raise malformed("A form within a form is not accepted.")
    return content, kind or "application/octet-stream"


def _stream_of_file(body: bytes) -> bytes:
    """Return an Arrow file as a stream: its messages are between the magic and the footer."""
    start = body[8:]
    if not body.startswith(_ARROW_FILE) or len(body) < 24:
        raise malformed("The body is not a valid Arrow file.")
    footer = int.from_bytes(body[-10:-6], "little")
    end = len(start) - 10 - footer
    if footer <= 0 or end <= 0:
        raise malformed("The body is not a valid Arrow file.")
    return start[:end]
