"""BentoML in its standard way: bentoml serve serving_apps.bentoml_app:Model."""

import os

import bentoml
import joblib
import pandas as pd


@bentoml.service(workers=1)
class Model:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["BENCH_MODEL"])

    @bentoml.api
    def predict(self, rows: list[dict]) -> list:
        return self.model.predict(pd.DataFrame(rows)).tolist()
