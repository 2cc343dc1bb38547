"""Secrets of a cell are not stored."""

from __future__ import annotations

import pytest

from mlops_magics.core.versioning.describing.redaction import REDACTED, redact

SECRET = "hunter2-Tr0ub4dor"


@pytest.mark.parametrize(
    "line",
    [
        "password = '{}'",
        "db_password: str = '{}'",
        'os.environ["API_KEY"] = "{}"',
        "connect(host='db', passwd='{}')",
        "settings = dict(access_token='{}', retries=3)",
        "secrets = {{'aws_secret_access_key': '{}'}}",
        "engine = create_engine('postgresql://me:{}@db:5432/x')",
        "frame = pd.read_csv('https://store.example/x.csv?sig={}&v=2')",
        "frame = pd.read_csv('https://me:{}@store.example/x.csv')",
        "requests.get(url, headers={{'Authorization': 'Bearer {}'}})",
        "%env HF_TOKEN={}",
        "!export DB_PASSWORD={}",
        "!mysql --password={} -u me",
        'token = """{}"""',
        "auth = b'{}'",
    ],
)
def test_a_secret_is_not_stored_and_the_rest_of_the_line_is(line: str) -> None:
    """The value goes, its name stays: a reader sees that something was there."""
    stored = redact(line.format(SECRET) + "\nmodel = fit(X, y)")

    assert SECRET not in stored
    assert REDACTED in stored
    assert stored.endswith("model = fit(X, y)")


@pytest.mark.parametrize(
    "value",
    ["AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1B2" * 9, "hf_" + "aB3" * 10, "sk-" + "aB3" * 10, "xoxb-1234567890-abc"],
)
def test_a_key_of_a_known_shape_is_found_wherever_it_stands(value: str) -> None:
    """Under a harmless name, in a comment, in a list."""
    for line in (f"x = '{value}'", f"# {value}", f"load([{value!r}, 3])"):
        assert value not in redact(line)


@pytest.mark.parametrize(
    "line",
    [
        "tokenizer = Tokenizer(lower=True)",
        "tokens = text.split()",
        "password = getpass.getpass()",
        "api_key = os.environ['API_KEY']",
        "model = make_pipeline(StandardScaler(), LogisticRegression(C=2.0))",
        "frame = pd.read_csv('https://store.example/x.csv?v=2')",
        "author = 'me'",
    ],
)
def test_code_without_a_secret_stays_as_it_is(line: str) -> None:
    """What the cell says must still be readable."""
    assert redact(line) == line
