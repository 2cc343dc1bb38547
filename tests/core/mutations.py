"""Bytes of other people for hypothesis: valid ones that were changed, and what parsers have stumbled over."""

from __future__ import annotations

from hypothesis import strategies as st

NASTY = [
    b"", b"\0", b"null", b"true", b"[]", b"{}", b'"', b"1e999", b"-0", b"NaN", b"9" * 400, b"[" * 20_000,
    b'{"a":' * 20_000, b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"../../x", b"a\nb", b"&a [*a,*a]", b"<<: *a",
    b"!!python/object/apply:os.system [x]", b"2026-13-45", b"!!binary AAAA", b": :", b"- - - -", b"%YAML 9.9\n---\n",
    b"{? {} : []}", b"\t",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, valid: bytes) -> bytes:
    """Return valid bytes with a few changes: cut, flipped, doubled, or with something nasty put in."""
    data = valid
    for _ in range(draw(st.integers(1, 4))):
        place, end = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
        change = draw(st.sampled_from(["cut", "put", "flip", "double", "replace"]))
        part = draw(st.one_of(st.sampled_from(NASTY), st.binary(max_size=8)))
        if change == "cut":
            data = data[:place] + data[end:]
        elif change == "put":
            data = data[:place] + part + data[place:]
        elif change == "flip" and place < len(data):
            data = data[:place] + bytes([data[place] ^ (1 << draw(st.integers(0, 7)))]) + data[place + 1 :]
        elif change == "double":
            data = data[:end] + data[place:]
        else:
            data = data[:place] + part + data[end:]
    return data


def foreign(valid: bytes) -> st.SearchStrategy[bytes]:
    """Return bytes that may be anything, most often nearly valid."""
    return st.one_of(mutated(valid), mutated(valid), st.sampled_from(NASTY), st.binary(max_size=300))
