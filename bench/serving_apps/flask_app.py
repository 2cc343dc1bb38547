"""Flask as tutorials show it: gunicorn -w 1 serving_apps.flask_app:app."""

import os

import joblib
import pandas as pd
from flask import Flask, jsonify, request

model = joblib.load(os.environ["BENCH_MODEL"])
app = Flask(__name__)


@app.get("/ping")
def ping():
    return jsonify(ping="pong")


@app.post("/predict")
def predict():
    rows = pd.DataFrame(request.get_json(force=True))
    return jsonify(predict=model.predict(rows).tolist())
