"""What can be said of the ways in which production changes?

Forms and flags of retraining, shadow and canary, for the table of verbs. It holds no
verb of its own.
"""

from .flags import Flag, Form

RETRAINING_FORMS = (
    Form(
        "retrain_now",
        "NAME retrain now",
        "train a challenger, judge it, and do what the policy says",
        "churn retrain now",
        takes=("data",),
    ),
    Form(
        "retrain_approve",
        "NAME retrain approve",
        "put the challenger that waits into production, through the gates",
        "churn retrain approve",
    ),
    Form(
        "retrain_reject",
        "NAME retrain reject",
        "turn the challenger that waits down",
        'churn retrain reject --note "the campaign ends on Friday"',
        takes=("note",),
    ),
    Form("retrain_off", "NAME retrain off", "retrain only when asked", "churn retrain off"),
    Form(
        "retrain_policy",
        "NAME retrain",
        "say when it is retrained by itself; the gates always decide",
        "churn retrain --when performance,age>90d --approve auto",
        needs=("when",),
        takes=("min-labels", "cool-down", "approve"),
    ),
    Form("retraining", "NAME retrain", "policy, open request, history", "churn retrain"),
)
RETRAINING_FLAGS = (
    Flag("when", "names", "what asks for it", "performance,drift,age>30d"),
    Flag("min-labels", "integer", "new labels that it needs (default: 50)", "50", least=1),
    Flag("cool-down", "duration", "time between two retrainings (default: 7d)", "7d"),
    Flag("approve", "choice", "promote what passes without asking", choices=("auto",)),
    Flag("data", "data", "the rows that it first learned from, where they are gone", "DATA"),
)
ROLLOUT_FORMS = (
    Form(
        "shadow",
        "NAME shadow vN",
        "let a version answer every row beside production, recorded apart",
        "churn shadow v3",
    ),
    Form(
        "canary",
        "NAME canary vN SHARE",
        "let a version answer for a share of the entities, always the same ones",
        "churn canary v3 10%",
    ),
    Form("off", "NAME off", "end shadow or canary", "churn off"),
)
