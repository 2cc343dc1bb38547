"""The six questions of a team before it takes up MLOps, with the conditions of each level."""

from __future__ import annotations

from mlops_magics.core.readiness import next_cells as cells
from mlops_magics.core.readiness.evidence_looks import (
    ENDED_WELL,
    MOST,
    by_policy,
    card_link,
    exported,
    history_link,
    in_use,
    limits_link,
    of_share,
    recently_monitored,
    several_people,
    shared_board,
    some,
    verdict_link,
)
from mlops_magics.core.readiness.question import Condition, Question

STORED = Question(
    "stored",
    "Where are our models stored?",
    (
        Condition(1, "One model is pinned.", some(lambda m: m.pins, "are pinned", cells.pin)),
        Condition(
            2,
            "Nearly all models have metrics and the columns that they read.",
            of_share(
                lambda m: m.metrics and m.features, "have metrics and columns", cells.pin, MOST,
            ),
        ),
        Condition(
            3,
            "Nearly all record code, packages and data, and have a champion.",
            of_share(
                lambda m: len(m.lineage) == 3 and m.champion, "have code, packages, data and a champion",
                cells.lineage_and_champion, MOST,
            ),
        ),
        Condition(3, "The board is in a shared store, or several people pin to it.", shared_board),
        Condition(
            4,
            "A champion was taken back once, or moved twice: the history is used.",
            some(
                lambda m: m.rollbacks or m.moves > 1, "had a champion that moved more than once or was taken back",
                cells.champion, history_link, lambda m: m.champion,
            ),
        ),
    ),
)  # fmt: skip
SHARED = Question(
    "shared",
    "How do I share my model?",
    (
        Condition(
            1,
            "One model declares its columns and types.",
            some(lambda m: m.features, "have declared columns", cells.pin),
        ),
        Condition(
            2,
            "Most models have a description or a card, and can be read without running code of the writer.",
            of_share(
                lambda m: (m.described or m.card) and (not m.runs_code or m.signed),
                "are described, and are signed or read without running code", cells.describe,
            ),
        ),
        Condition(3, "Several people pin to the board, or it is in a shared store.", shared_board),
        Condition(
            3,
            "Nearly all models in use have a card with an owner and an intended use.",
            of_share(
                lambda m: {"owners", "intended_use"} <= m.card, "have a card with owner and use",
                cells.in_use(cells.line("%model_card NAME")), MOST, in_use, "models in use", card_link,
            ),
        ),
        Condition(
            4,
            "Nearly all models in use are signed, and two people pin.",
            of_share(lambda m: m.signed, "are signed", cells.in_use(cells.sign), MOST, in_use, "models in use"),
        ),
        Condition(4, "Two people pin models.", several_people),
    ),
)  # fmt: skip
USED = Question(
    "used",
    "How can I use a model without importing it and reproducing its environment?",
    (
        Condition(
            1,
            "One model answers at a URL, or did.",
            some(
                lambda m: m.endpoint or m.requests, "answer at a URL or did", cells.line("%deploy NAME"),
                lambda m: m.endpoint or m.newest,
            ),
        ),
        Condition(
            2,
            "Half of the models with a champion have an endpoint.",
            of_share(
                lambda m: m.endpoint, "have an endpoint", cells.deploy_champion, 0.5, lambda m: m.champion,
                "models with a champion", lambda m: m.endpoint,
            ),
        ),
        Condition(
            3,
            "Nearly all endpoints had requests, which are logged.",
            of_share(
                lambda m: m.requests, "have requests in the log", cells.line("%predict NAME X_test"), MOST,
                lambda m: m.endpoint, "models with an endpoint", lambda m: m.endpoint,
            ),
        ),
        Condition(
            4,
            "An endpoint went through a change of its champion.",
            some(
                lambda m: m.endpoint and m.moves > 1, "changed champion behind an endpoint",
                cells.champion, history_link, lambda m: m.endpoint,
            ),
        ),
    ),
)  # fmt: skip
RETRAINED = Question(
    "retrained",
    "What is our process or cadence to retrain?",
    (
        Condition(
            1,
            "One model has a second version.",
            some(lambda m: m.updates, "have more than one version", cells.retrain),
        ),
        Condition(
            2,
            "Half of the models can be made again: the recipe is stored with them.",
            of_share(lambda m: m.recipe, "have a recipe", cells.pin),
        ),
        Condition(
            3,
            "Half of the models in use have a policy.",
            of_share(
                lambda m: m.policies, "have a policy", cells.in_use(cells.policy("--every week --when drift")), 0.5,
                in_use, "models in use", lambda m: m.policies,
            ),
        ),
        Condition(
            4,
            "A policy has retrained a model, and the run ended well.",
            some(by_policy, "were retrained by a policy", cells.run_policies, history_link, lambda m: m.policies),
        ),
    ),
)  # fmt: skip
ORCHESTRATED = Question(
    "orchestrated",
    "How does it integrate into a workflow orchestration system?",
    (
        Condition(
            1,
            "One model has a policy, which the command line carries out.",
            some(lambda m: m.policies, "have a policy", cells.policy("--every week"), lambda m: m.policies),
        ),
        Condition(2, "A file of an orchestrator carries a policy out.", exported),
        Condition(
            3,
            "One run was started by a policy.",
            some(
                lambda m: any(run.policy for run in m.runs), "had a run that a policy started",
                cells.run_policies, history_link, lambda m: m.policies,
            ),
        ),
        Condition(
            4,
            "The last run by policy of every model ended well.",
            of_share(
                lambda m: [run for run in m.runs if run.policy][-1].outcome in ENDED_WELL, "ended the last run well",
                cells.line("%policies NAME"), 1.0, lambda m: any(run.policy for run in m.runs),
                "models with runs by policy", history_link,
            ),
        ),
    ),
)  # fmt: skip
MONITORED = Question(
    "monitored",
    "How is performance monitored over time?",
    (
        Condition(
            1,
            "One model was monitored.",
            some(lambda m: m.verdicts, "were monitored", cells.monitor, verdict_link),
        ),
        Condition(
            2,
            "Half of the models in use were monitored more than once.",
            of_share(
                lambda m: len(m.verdicts) > 1, "were monitored more than once", cells.in_use(cells.monitor), 0.5,
                in_use, "models in use", verdict_link,
            ),
        ),
        Condition(3, "Nearly all models in use were monitored twice, the last time this month.", recently_monitored),
        Condition(
            3,
            "Half of the models in use have limits of their own.",
            of_share(
                lambda m: m.thresholds, "have limits", cells.in_use(cells.limits), 0.5, in_use, "models in use",
                limits_link,
            ),
        ),
        Condition(
            4,
            "Performance is measured with truth that arrives later, and a loss starts a retraining.",
            some(
                lambda m: m.measured and m.drift_policy, "have measured performance and a policy with conditions",
                cells.measured, verdict_link, in_use,
            ),
        ),
    ),
)  # fmt: skip
QUESTIONS = (STORED, SHARED, USED, RETRAINED, ORCHESTRATED, MONITORED)
