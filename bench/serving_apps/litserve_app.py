"""LitServe with its own dynamic batching: python litserve_app.py PORT."""

import os
import sys

import joblib
import litserve
import pandas as pd


class Api(litserve.LitAPI):
    def setup(self, device):
        self.model = joblib.load(os.environ["BENCH_MODEL"])

    def decode_request(self, request):
        return request

    def batch(self, inputs):
        self.lengths = [len(rows) for rows in inputs]
        return [row for rows in inputs for row in rows]

    def predict(self, rows):
        return self.model.predict(pd.DataFrame(rows)).tolist()

    def unbatch(self, values):
        starts = [sum(self.lengths[:place]) for place in range(len(self.lengths))]
        return [values[start : start + length] for start, length in zip(starts, self.lengths)]

    def encode_response(self, values):
        return {"predict": values}


if __name__ == "__main__":
    litserve.LitServer(Api(max_batch_size=64, batch_timeout=0.002)).run(
        port=int(sys.argv[1]), host="127.0.0.1", generate_client_file=False
    )
