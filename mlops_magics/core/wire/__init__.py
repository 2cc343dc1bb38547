"""The records that views read, as frozen dataclasses, from which TypeScript's types are generated (`make wire`).

Each record is built in its subject's room. This package imports only the standard library and msgspec, so that
every room of the core may build one.
"""
