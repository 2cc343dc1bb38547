"""vetiver in its standard way: uvicorn serving_apps.vetiver_app:api."""

import os

import joblib
import pandas as pd
from vetiver import VetiverAPI, VetiverModel

model = joblib.load(os.environ["BENCH_MODEL"])
rows = pd.read_json(os.environ["BENCH_ROWS"])
api = VetiverAPI(VetiverModel(model, "model", prototype_data=rows), check_prototype=True).app
