"""Every verb, in the order of the journey."""

from __future__ import annotations

from mlops_magics.magics.annotate import annotate
from mlops_magics.magics.board import board
from mlops_magics.magics.catalogue import catalogue
from mlops_magics.magics.compare import compare
from mlops_magics.magics.copy import copy
from mlops_magics.magics.dashboard import dashboard
from mlops_magics.magics.delete import delete
from mlops_magics.magics.deploy import deploy
from mlops_magics.magics.endpoints import endpoints
from mlops_magics.magics.export import export
from mlops_magics.magics.gc import gc
from mlops_magics.magics.mlops import overview_of
from mlops_magics.magics.model_card import model_card
from mlops_magics.magics.models import models
from mlops_magics.magics.monitor import monitor
from mlops_magics.magics.package import package
from mlops_magics.magics.pin_model import pin_model
from mlops_magics.magics.policies import policies
from mlops_magics.magics.predict import predict
from mlops_magics.magics.promote import promote
from mlops_magics.magics.protect import protect
from mlops_magics.magics.readiness import readiness
from mlops_magics.magics.restore import restore
from mlops_magics.magics.retrain import retrain
from mlops_magics.magics.rollback import rollback
from mlops_magics.magics.sign import sign
from mlops_magics.magics.stop import stop
from mlops_magics.magics.thresholds import thresholds
from mlops_magics.magics.trust import trust
from mlops_magics.magics.use import use
from mlops_magics.magics.verb import Verb
from mlops_magics.magics.verdicts import verdicts
from mlops_magics.magics.verify import verify
from mlops_magics.magics.versions import versions

VERBS: dict[str, Verb] = {}
VERBS |= {
    each.name: each
    for each in (
        board, pin_model, models, versions, annotate, promote, rollback, protect, compare, copy, package,
        delete, restore, trust, sign,
        deploy, endpoints, stop, predict, use, monitor, thresholds, verdicts, retrain, policies, export, readiness,
        model_card, dashboard, catalogue, verify, gc,
        overview_of(VERBS),
    )
}  # fmt: skip
