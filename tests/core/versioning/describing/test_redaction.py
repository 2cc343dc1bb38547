"""Secrets of a cell are not stored, in whatever form they are written; what only reads like one stays."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.core.versioning.describing import secret_shapes
from mlops_magics.core.versioning.describing.redaction import REDACTED, redact, redact_document

SECRET = "hunter2-Tr0ub4dor"

FORMS: dict[str, list[str]] = {
    "commands in Python": [
        "os.system('export TOKEN={s}; run')",
        "os.popen('mysql -u root -p{s} db')",
        "subprocess.run('PGPASSWORD={s} psql -h db', shell=True)",
        "get_ipython().system('curl -u ann:{s} https://db')",
        "get_ipython().run_line_magic('env', 'DB_PASSWORD={s}')",
        "subprocess.run(['mysql', '-u', 'root', '--password', '{s}'])",
        "subprocess.run(['mysql', '--password={s}'])",
        "subprocess.run(['x'], env=os.environ | {{'SECRET_KEY': '{s}'}})",
    ],
    "statements and elements": [
        "%sql CREATE USER bob PASSWORD '{s}'",
        "%%sql\nALTER USER bob IDENTIFIED BY '{s}'",
        "cursor.execute(\"CREATE ROLE bob WITH LOGIN PASSWORD '{s}'\")",
        "%%writefile s.xml\n<password>{s}</password>",
        "text = '<server><user>a</user><apiKey>{s}</apiKey></server>'",
        "%%writefile ~/.netrc\nmachine api.x login ann\n  password {s}",
        "open('.netrc', 'w').write('machine x login ann password {s}')",
    ],
    "logins": [
        "jwt.encode({{'sub': 1}}, '{s}', algorithm='HS256')",
        "hmac.new(b'{s}', message, 'sha256')",
        "!az login --service-principal -u app -p {s} --tenant t",
        "!wandb login {s}",
        "!ngrok config add-authtoken {s}",
        "!docker login -u ann -p {s} registry.x",
        "!mysql -u root -p{s} db",
        "session.headers['Authorization'] = 'token {s}'",
        "requests.get(url, cookies={{'session': '{s}'}})",
    ],
    "assignments": [
        "password = '{s}'",
        "db_password: str = '{s}'",
        "DB_PASS = '{s}'",
        'dbPassword = "{s}"',
        "self.passwd = '{s}'",
        "PWD = '{s}'",
        "passphrase = '{s}'",
        "secret = '{s}'",
        "client_secret = '{s}'",
        "clientSecret = '{s}'",
        "api_key = '{s}'",
        "API_KEY = '{s}'",
        "openai.api_key = '{s}'",
        "OPENAI_KEY = '{s}'",
        "token = '{s}'",
        "ACCESS_TOKEN = '{s}'",
        "auth_token = '{s}'",
        'hf_token = "{s}"',
        "private_key = '{s}'",
        "encryption_key = b'{s}'",
        "creds = '{s}'",
        "user, password = 'me', '{s}'",
        "a = password = '{s}'",
        "if (pw := '{s}'): pass",
        "password = ('hun' 'ter2-Tr0ub4dor')",
        "password = 'hunter2' + '-Tr0ub4dor'",
        'password = """{s}"""',
        "password = r'{s}'",
        "password = f'{s}'",
        "secret = b'{s}'",
        "os.environ['DB_PASS'] = '{s}'",
        'os.environ["API_KEY"] = "{s}"',
        "config['database']['password'] = '{s}'",
        "password = '{s}'.encode()",
        "password = base64.b64decode('{s}')",
        "password = SecretStr('{s}')",
        'password: SecretStr = SecretStr("{s}")',
        "passwords = ['{s}', 'other-{s}']",
        "password = os.environ.get('X') or '{s}'",
        "password = '{s}' if debug else None",
        "PASSWORD = 8675309",
        "connection_string = '{s}'",
        "conn_str = '{s}'",
        "credentials = {{'user': 'me', 'value': '{s}'}}",
    ],
    "dicts and keywords": [
        "secrets = {{'aws_secret_access_key': '{s}'}}",
        "conf = {{'user': 'me', 'password': '{s}'}}",
        "conf = dict(user='me', password='{s}')",
        "connect(host='db', passwd='{s}')",
        "boto3.client('s3', aws_access_key_id='{s}', aws_secret_access_key='{s}')",
        "settings = dict(access_token='{s}', retries=3)",
        "requests.get(url, auth=('me', '{s}'))",
        "requests.get(url, auth=HTTPBasicAuth('me', '{s}'))",
        "headers = {{'X-Api-Key': '{s}'}}",
        "headers = {{'Authorization': '{s}'}}",
        "headers = {{'Authorization': 'Bearer {s}'}}",
        "requests.get(url, headers={{'PRIVATE-TOKEN': '{s}'}})",
        "cookies = {{'session_token': '{s}'}}",
        "storage_options={{'account_key': '{s}'}}",
        "pd.read_csv(url, storage_options={{'key': 'AKIAIOSFODNN7EXAMPLE', 'secret': '{s}'}})",
        "[('password', '{s}')]",
        "def connect(user, password='{s}'): pass",
        "lambda password='{s}': password",
        "@dataclass\nclass C:\n    password: str = '{s}'",
        "if password == '{s}': pass",
        "Fernet(b'{s}')",
        "AzureKeyCredential('{s}')",
        "ClientSecretCredential(tenant, client, '{s}')",
        "smtp.login('me', '{s}')",
        "huggingface_hub.login('{s}')",
        "wandb.login(key='{s}')",
        "keyring.set_password('svc', 'me', '{s}')",
    ],
    "second arguments": [
        "os.getenv('API_KEY', '{s}')",
        "os.environ.get('DB_PASSWORD', '{s}')",
        "os.environ.setdefault('API_TOKEN', '{s}')",
        "os.putenv('API_SECRET', '{s}')",
        "monkeypatch.setenv('DB_PASS', '{s}')",
        "parser.add_argument('--password', default='{s}')",
        "config.set('db', 'password', '{s}')",
        "conf.get('secret_key', '{s}')",
        "getenv('TOKEN', default='{s}')",
        "spark.conf.set('fs.azure.account.key.x.dfs.core.windows.net', '{s}')",
        "sc._jsc.hadoopConfiguration().set('fs.s3a.secret.key', '{s}')",
    ],
    "magics and shells": [
        "%env HF_TOKEN={s}",
        "%env HF_TOKEN {s}",
        "%set_env API_KEY {s}",
        "!export DB_PASSWORD={s}",
        "!DB_PASS={s} python train.py",
        "!PGPASSWORD='{s}' psql -h db",
        "!mysql --password={s} -u me",
        "!mysql --password {s}",
        "!mysql -u root -p{s} db",
        "!curl -u me:{s} https://x.org",
        "!curl --user 'me:{s}' https://x.org",
        "!curl -H 'Authorization: Bearer {s}' https://x.org",
        '!curl -H "X-Api-Key: {s}" https://x.org',
        "!docker login -u me -p {s}",
        "!sshpass -p {s} ssh me@host",
        "!echo {s} | docker login --password-stdin",
        "!aws configure set aws_secret_access_key {s}",
        "!git clone https://me:{s}@github.com/x/y",
        "!git clone https://{s}@github.com/x/y",
        "!tool --token {s}",
        "!tool --api-key={s}",
        "x = !tool --secret {s}",
        "%%bash\nexport API_TOKEN={s}\nrun",
        '%%bash\nDB_PASS="{s}" run',
        "%%sh\ncurl -u me:{s} https://x.org",
        "%%writefile .env\nDB_PASSWORD={s}",
        "%%writefile conf.yaml\npassword: {s}\nuser: me",
        "%sql postgresql://me:{s}@db/x",
        "%config Tool.password = '{s}'",
        "!kubectl create secret generic x --from-literal=password={s}",
        "!pip install --index-url https://me:{s}@pypi.example/simple x",
        "!setx API_KEY {s}",
        "!heroku config:set SECRET_KEY={s}",
        "!openssl rsa -passin pass:{s} -in k.pem",
        "!npm config set //registry/:_authToken={s}",
        "%deploy penguins --token {s}",
    ],
    "connection strings and urls": [
        "engine = create_engine('postgresql://me:{s}@db:5432/x')",
        "create_engine('postgresql://me:p@ss/{s}@db:5432/x')",
        "redis.from_url('redis://:{s}@cache:6379/0')",
        "MongoClient('mongodb+srv://me:{s}@cluster.mongodb.net/x')",
        "pyodbc.connect('Driver=x;Server=y;Uid=me;Pwd={s};')",
        "c = 'DefaultEndpointsProtocol=https;AccountName=x;AccountKey={s}==;EndpointSuffix=core.windows.net'",
        "c = 'Endpoint=sb://x;SharedAccessKeyName=n;SharedAccessKey={s}'",
        "psycopg2.connect('host=db user=me password={s} dbname=x')",
        "c = 'jdbc:sqlserver://x;user=me;password={s}'",
        "frame = pd.read_csv('https://store.example/x.csv?sig={s}&v=2')",
        "pd.read_csv('https://me:{s}@store.example/x.csv')",
        "u = 'https://x.org/api?api_key={s}'",
        "u = 'https://x.org/?access_token={s}'",
        "u = f'https://me:{s}@{{host}}/x'",
        "amqp = 'amqp://me:{s}@mq//'",
        "u = 'ftp://me:{s}@host'",
    ],
    "other languages": [
        "mot_de_passe = '{s}'",
        "contraseña = '{s}'",
        "db_senha = '{s}'",
        "DatenbankPasswort = '{s}'",
        "ПАРОЛЬ = '{s}'",
        "密码 = '{s}'",
    ],
    "beside its name": [
        "client = Client('{s}', api_secret='{s}')",
        "password = '{s}'\nconnect('me', '{s}')  # {s}",
        "setting = {{'name': 'DB_PASS', 'value': '{s}'}}",
        "password = getpass() or '{s}'",
        "getpass.getpass() or '{s}'",
        "assert token == '{s}'",
        'json.loads(\'{{"password": "{s}"}}\')',
        "yaml.safe_load('password: {s}')",
        "psycopg2.connect(\"host=h password='{s}'\")",
    ],
    "comments and texts": [
        "# password: {s}",
        "# the password is {s}",
        "x = 1  # token = {s}",
        "# api_key={s}",
        "'''\npassword = {s}\n'''",
        "text = '''\n[db]\nuser = me\npassword = {s}\n'''",
        "# db_password = '{s}'",
        "# curl -H 'Authorization: Bearer {s}'",
    ],
}
"""Kinds of code to lines of it; ``{s}`` is the secret."""

# fmt: off
SHAPES = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "ASIA" + "WXDISJSOQEPQSIPX",
    "FLWSECK_TEST-" + "8a93" * 8 + "-X",
    "nfp_" + "YRUd5qH1a" * 4,
    "tk-us-" + "I1kxOgTM" * 6,
    "github_pat_11ABCDEFG0" + "aB3" * 12,
    "glpat-" + "aB3xY" * 4,
    "hf_" + "aB3" * 10,
    "sk-" + "aB3" * 10,
    "sk-proj-" + "aB3" * 12,
    "sk-ant-api03-" + "aB3" * 20,
    "xoxb-1234567890-abc",
    "xoxp-123456789012-123456789012-abcdef",
    "xapp-1-A0123-456-abcdef0123",
    "sk_live_" + "aB3" * 8,
    "rk_test_" + "aB3" * 8,
    "whsec_" + "aB3" * 8,
    "SG." + "aB3xY" * 5 + "." + "aB3xY" * 8,
    "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "GOCSPX-" + "aB3xY" * 5,
    "ya29." + "aB3xY" * 8,
    "dapi" + "0123456789abcdef" * 2,
    "dckr_pat_" + "aB3xY" * 5,
    "dop_v1_" + "0123456789abcdef" * 4,
    "pypi-AgEIcHlwaS5vcmc" + "aB3" * 12,
    "npm_" + "aB3" * 12,
    "shpat_" + "0123456789abcdef" * 2,
    "sq0atp-" + "aB3xY" * 5,
    "key-" + "0123456789abcdef" * 2,
    "0123456789abcdef0123456789abcdef-us12",
    "hvs." + "aB3xY" * 6,
    "glsa_" + "aB3xY" * 7,
    "lin_api_" + "aB3xY" * 8,
    "NRAK-" + "AB3XY" * 6,
    "PMAK-" + "0123456789abcdef" * 3,
    "r8_" + "aB3xY" * 8,
    "gsk_" + "aB3xY" * 8,
    "tskey-auth-" + "kA1b2C3-" + "aB3xY" * 5,
    "MTA1MjQ4Njk0NzEyMzQ1Njc4.Gh1jK2.abcdefghijklmnopqrstuvwxyz0123456789",
    "1234567890:AAabcdefghijklmnopqrstuvwxyz0123456",
    "abc8Q~abcdefghijklmnopqrstuvwxyz01234567",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123",
    "https://hooks.slack.com/services/T00000000/B00000000/abcdefXYZ123",
    "https://discord.com/api/webhooks/123456789012345678/abcDEF-123_xyz",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nxyz\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----",
]
# fmt: on

CLEAN = [
    "!docker run -p 8080:80 nginx",
    "!mysql -u root -p db",
    "!wandb login",
    "!az login --tenant t",
    "auth = 'none'",
    "%%sql\nSELECT password FROM users WHERE id = 'ann'",
    "subprocess.run(['pytest', '--maxfail=1', '-k', 'token'])",
    "os.system('make clean')",
    "text = '<author>ann</author>'",
    "requests.get(url, cookies={'lang': 'de'})",
    "text = 'login ann and change the password'",
    "tokenizer = Tokenizer(lower=True)",
    "tokens = text.split()",
    "password = getpass.getpass()",
    "api_key = os.environ['API_KEY']",
    "api_key = os.getenv('API_KEY')",
    'token = os.environ.get("HF_TOKEN")',
    "model = make_pipeline(StandardScaler(), LogisticRegression(C=2.0))",
    "frame = pd.read_csv('https://store.example/x.csv?v=2')",
    "author = 'me'",
    "secret = '/run/secrets/database'",
    "if token == 'AdjectivePhrase': pass",
    "key_column = 'customer_id'; df[key_column] = 'customer_id'",
    "note = 'password: see the wiki'",
    "field = {'name': 'age', 'value': 'b1c2d3e4f5'}",
    "authors = ['a', 'b']",
    "tokenizer.pad_token = '<pad>'",
    "tokenizer.pad_token = tokenizer.eos_token",
    "vectorizer = TfidfVectorizer(token_pattern=r'(?u)\\b\\w+\\b')",
    "max_tokens = 512",
    "n_tokens = 30_000",
    "token = 'the'",
    "token = tokens[0]",
    "for token in ['a', 'b']: count(token)",
    "if token == 'the': skip()",
    "sort_key = 'date'",
    "key = 'accuracy'",
    "primary_key = 'passenger_id'",
    "df.merge(other, on='key')",
    "sorted(rows, key=lambda row: row['key'])",
    "keys = ['a', 'b']",
    "remainder='passthrough'",
    "ColumnTransformer([('pass', 'passthrough', ['a'])])",
    "n_pass = 3",
    "passenger_class = 'first'",
    "passengers = pd.read_csv('titanic.csv')",
    "df['pass_rate'] = 0.5",
    "compass = 'north'",
    "password_column = 'pw'",
    "form.add('password_field')",
    "token_url = 'https://login.example/oauth/token'",
    "secret_name = 'prod/db'",
    "api_key = load_key('prod')",
    "creds = json.load(open('creds.json'))",
    "key_path = '~/.ssh/id_rsa'",
    "auth = Auth()",
    "url = 'https://medium.com/@me/post'",
    "url = 'https://cdn.jsdelivr.net/npm/vega@5'",
    "url = f'postgres://{user}:{password}@{host}/db'",
    "url = 'postgres://{}:{}@db/x'.format(user, password)",
    "url = 'http://localhost:8888/@x'",
    "engine = create_engine(os.environ['DB_URL'])",
    "email = 'me@example.org'",
    "# tokens are counted per document",
    "# the key is the date",
    "# password: see the wiki for it",
    "# Basic statistics of the columns",
    "# Token classification with BERT",
    "print('Enter the password: ')",
    "input('token: ')",
    "sha = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
    "commit = '0123456789abcdef0123456789abcdef01234567'",
    "color = '#a1b2c3'",
    "uuid = '123e4567-e89b-12d3-a456-426614174000'",
    "session.pin(model, 'penguins', data=X)",
    "%%pin_model penguins --data X\nmodel.fit(X, y)",
    "%deploy penguins --port 8080",
    "%monitor penguins --by week",
    "!pip install scikit-learn==1.5",
    "!python train.py --epochs 10 --key-column id",
    "%env CUDA_VISIBLE_DEVICES=0",
    "%matplotlib inline",
    "!ls -p data",
    "!head -n 5 data.csv",
    "cookie_cutter = 'template'",
    "signature = 'X -> y'",
    "hash_key = True",
    "license = 'MIT'",
    "mask_token='[MASK]'",
    "gen = model.generate(pad_token_id=0, eos_token_id=2)",
    "access = 'public'",
    "batch_size = 8675309",
    "pin = board.pin_read('x')",
    "x['token_count'] = x['text'].str.len()",
    "secret_santa = assign(people)",
    "dict(key='value')",
    "plot(df, key='b')",
    "s3.get_object(Bucket='b', Key='models/v1.pkl')",
    "pattern = re.compile('password')",
    "df[df['auth'] == 'google']",
    "auth_method = 'oauth2'",
    "assert response.json()['token_type'] == 'bearer'",
    "warnings.filterwarnings('ignore', 'token')",
    "df.rename(columns={'key': 'id', 'token': 'word'})",
    "pos = [('token', 'NN'), ('the', 'DT')]",
    "CLS_TOKEN = '[CLS]'",
    "bos_token = '<s>'",
    "api = 'v1'",
    "key, value = line.split('=')",
    "np.random.seed(8675309)",
    "passes = 2",
    "os.environ['TOKENIZERS_PARALLELISM'] = 'false'",
    "credential = DefaultAzureCredential()",
    "storage_options={'anon': True}",
    "password = input('Password: ')",
    "db_password = keyring.get_password('svc', 'me')",
    "token = dbutils.secrets.get('scope', 'key')",
    "conn = connect(password=os.environ['DB_PASS'])",
    "secret = client.access_secret_version(name='projects/x/secrets/y')",
]


@pytest.mark.parametrize(("kind", "form"), [(kind, form) for kind, forms in FORMS.items() for form in forms])
def test_T13_a_secret_is_not_stored_and_the_rest_is(kind: str, form: str) -> None:
    """T13: the value goes and its name stays, so that a reader sees that something was there; once is enough."""
    source = f"model = fit(X, y)\n{form.format(s=SECRET)}" if "%%" not in form else form.format(s=SECRET)
    stored = redact(source)

    assert not any(part in stored for part in (SECRET, "Tr0ub4dor", "8675309")), kind
    assert REDACTED in stored
    assert redact(stored) == stored
    assert stored.startswith("model = fit(X, y)") or "%%" in form


@pytest.mark.parametrize("value", SHAPES)
def test_T13_a_key_of_a_known_shape_is_found_wherever_it_is(value: str) -> None:
    """T13: under a harmless name, in a comment, in a list, in a shell command."""
    body = value.strip("-").split("\n")[-2] if "\n" in value else value.rpartition("/")[2]
    lines = [f"x = '''{value}'''", f"load([{value!r}, 3])"]
    for line in lines if "\n" in value else [*lines, f"# {value}", f"!tool {value}"]:
        assert body not in redact(line)


@pytest.mark.parametrize("line", CLEAN)
def test_T13_code_without_a_secret_stays_as_it_is(line: str) -> None:
    """T13: what the cell says must still be readable, and what is not secret can run again."""
    assert redact(line) == line


def test_T13_the_rules_of_a_maintained_detector_are_in_use() -> None:
    """T13: detect-secrets comes with the package; what it knows of vendors is looked for too."""
    assert len(secret_shapes._rules()) > 10
    assert redact("x = 'AKCp8" + "a1B2c3D4" * 9 + "'") == f"x = '{REDACTED}'"


def test_T13_the_lines_of_a_notebooks_cell_are_read_together() -> None:
    """T13: an executed notebook keeps a cell as a list of lines, and outputs as texts."""
    outputs = [{"text": [f"token: {SECRET}\n"], "data": {"image/png": "AKIAIOSFODNN7EXAMPLE"}}]
    cell = {"cell_type": "code", "source": ["password = (\n", f"    '{SECRET}'\n", ")"], "outputs": outputs}
    stored = redact_document({"cells": [cell], "nbformat": 4})

    assert SECRET not in json.dumps(stored)
    assert stored["cells"][0]["source"][0] == "password = (\n"
    assert stored["nbformat"] == 4
    assert stored["cells"][0]["outputs"][0]["data"] == outputs[0]["data"], "an image is not a text"


@given(st.text(max_size=200))
def test_T13_no_source_breaks_the_search(source: str) -> None:
    """T13: whatever the cell holds, redaction returns a text, and twice the same."""
    stored = redact(source)

    assert redact(stored) == stored


LONG = ["(" * 10_000, "x = [" * 2_000, "'" * 9_999, "a" * 100_000, "a." * 50_000, "!" + "a:" * 30_000, "x-" * 30_000]


@pytest.mark.parametrize("source", LONG)
def test_T09_no_source_takes_long(source: str) -> None:
    """T9: nested or endless code is searched as text."""
    assert redact(source) is not None
