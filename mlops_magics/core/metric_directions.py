"""The direction of a metric: whether a higher or a lower value is better, derived from its name."""

from __future__ import annotations

import re
from typing import Literal

LOWER = frozenset(
    """
    loss error errors err brier rmse mse mae mape smape rmsle msle medae deviance hinge perplexity wer
    cer rmsd logloss nll ece pinball crps latency seconds cost costs misses miss fpr fnr fdr hamming
    nrmse wmape wape mase eer regret risk penalty false
    """.split()
)
HIGHER = frozenset(
    """
    accuracy acc auc auroc auprc f1 f2 fbeta precision recall sensitivity specificity tpr tnr ppv npv r2
    kappa mcc jaccard iou dice ap map ndcg mrr gini ks lift gain explained variance correlation
    likelihood score hit bleu rouge balanced corrcoef coverage
    """.split()
)
SHARES = frozenset({"d2", "skill"})
"""Words of scores for the share of a loss that is explained: ``d2_log_loss_score``."""
_WORDS = re.compile(r"[a-z]+[0-9]?|[0-9]+")


def direction(name: str) -> Literal[-1, 0, 1]:
    """Return 1 where a higher value is better, -1 where a lower one is, 0 where the name leaves it open.

    >>> [direction(name) for name in ("roc_auc", "test/log_loss", "mean_squared_error", "neg_log_loss", "slope")]
    [1, -1, -1, 1, 0]
    """
    words = _WORDS.findall(re.sub(r"([a-z])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", name).casefold())
    if "neg" in words[:1] and any(word in LOWER for word in words):
        return 1
    if not SHARES.isdisjoint(words):
        return 1
    if any(word in LOWER for word in words):
        return -1
    return 1 if any(word in HIGHER for word in words) else 0
