"""A notebook of marimo's: pinned, listed, compared, monitored; each cell ends in a record."""

import marimo

app = marimo.App()


@app.cell
def _():
    import numpy as np
    import pandas as pd
    from sklearn.linear_model import LogisticRegression

    import mlops_magics as mm

    numbers = np.random.default_rng(0)
    X = pd.DataFrame({"size": numbers.normal(size=200), "weight": numbers.normal(size=200)})
    y = (X["size"] > 0).map({True: "large", False: "small"})
    session = mm.Session("marimo-board")
    for strength in (0.01, 1.0):
        version = session.pin(LogisticRegression(C=strength).fit(X, y), "line", data=X, truth=y, test=(X, y))
    version  # noqa: B018 - marimo shows it
    return X, session


@app.cell
def _(session):
    session.versions("line")
    return


@app.cell
def _(session):
    session.models()
    return


@app.cell
def _(session):
    session.compare("line@v1", "line@v2")
    return


@app.cell
def _(X, session):
    session.monitor("line", data=X.assign(size=X["size"] + 2))
    return


if __name__ == "__main__":
    app.run()
