"""Which magics are there, and what does each understand?

The one table that lines are read by, that help and completion are written from
and that the reserved names come from, those of the data in `data_verbs`. What a later
version brings stands here too, hidden, with what to do instead. It reads nothing.
"""

from types import MappingProxyType

from .changing import RETRAINING_FLAGS, RETRAINING_FORMS, ROLLOUT_FORMS
from .data_verbs import FEATURES, FEATURES_CELL, WORKSPACE
from .flags import Flag, Form, Verb
from .serve_verb import SERVE

TRAIN = Verb(
    "%train",
    "fit a model on a table and register it as its next version",
    (
        Form(
            "train",
            "NAME",
            "fit, measure on held-out rows, register",
            "churn --data telco --target churned",
            needs=("data", "target"),
            takes=(
                *("features", "time", "group", "split", "task", "columns", "exclude"),
                *("seconds", "epochs", "seed", "note", "background"),
            ),
        ),
        Form("jobs", "jobs", "every training, also those that run or were lost", "jobs"),
    ),
    (
        Flag("data", "data", "the rows to learn from", "DATA"),
        Flag("target", "column", "what is learned", "COL"),
        Flag("features", "names", "views joined to the rows, each as of its time", "VIEW,…"),
        Flag("time", "column", "when each row was true: joins and the split go by it", "COL"),
        Flag(
            "task",
            "choice",
            "what kind of target it is (default: inferred, and said)",
            choices=("binary", "multiclass", "regression"),
        ),
        Flag("columns", "names", "learn from these only", "COL,…"),
        Flag("exclude", "names", "do not learn from these", "COL,…"),
        Flag("group", "column", "names the entity: none is on both sides of the split", "COL"),
        Flag(
            "split",
            "choice",
            "how rows are held out (default: by group or time where known)",
            choices=("random", "time", "group"),
        ),
        Flag("seconds", "number", "the fit ends by then at the best so far", "N"),
        Flag("epochs", "integer", "how often the fit sees every row", "N", least=1),
        Flag("seed", "integer", "for a run that can be repeated", "N"),
        Flag("note", "text", "kept with the version", '"…"'),
        Flag("background", None, "train in a thread while the notebook goes on"),
    ),
)

MODEL = Verb(
    "%model",
    "the models, their versions and their stages",
    (
        Form("list", "", "every model: its production and newest version, metric, predictions"),
        Form("import", 'import "FILE"', "register a model file", 'import "churn.mlm"'),
        Form("versions", "NAME", "its versions side by side, with stages and history", "churn"),
        Form("card", "NAME@vN", "the card of one version: data, lineage, metrics", "churn@v2"),
        Form(
            "promote",
            "NAME promote vN",
            "run the gates, show each verdict, move the version to the stage",
            "churn promote v2",
            takes=("stage", "force", "because"),
        ),
        Form("rollback", "NAME rollback", "back to the production before", "churn rollback"),
        Form(
            "compare",
            "NAME compare vN vM",
            "on rows that neither has learned from, row by row",
            "churn compare v1 v2",
        ),
        Form("explore", "NAME live", "two versions side by side: what differs", "churn live"),
        Form(
            "explore_two",
            "NAME live vN vM",
            "the same for these two",
            "churn live v1 v2",
        ),
        Form("archive", "NAME archive vN", "take a version out of use", "churn archive v1"),
        Form(
            "delete",
            "NAME delete vN",
            "delete a version that is not in production for good, with its file",
            "churn delete v1",
        ),
        Form(
            "export",
            'NAME export vN "FILE"',
            "write one version as a .mlm file, or its card as .md or .html",
            'churn export v2 "churn.mlm"',
        ),
        *ROLLOUT_FORMS,
    ),
    (
        Flag(
            "stage",
            "choice",
            "where to (default: production)",
            choices=("staging", "production"),
        ),
        Flag("force", None, "promote past gates that hold it back; needs --because"),
        Flag("because", "text", "why; it stays on the card", '"…"'),
    ),
)

PREDICT = Verb(
    "%predict",
    "what a model says of a table, an entity or one row",
    (
        Form(
            "live",
            "NAME[@vN] live",
            "a form: what would it answer if a typical row were another one",
            "churn live",
            takes=("coverage",),
        ),
        Form(
            "data",
            "NAME[@vN] DATA",
            "predict a table, or a row as a dict in braces",
            "churn today --time event_time",
            takes=("time", "to", "explain", "coverage", "no-record", "live"),
        ),
        Form(
            "row",
            "NAME[@vN] COLUMN=VALUE…",
            "predict one row; its features are looked up if all keys are given",
            'churn tenure=3 contract="Month to month"',
            takes=("explain", "coverage", "no-record", "live"),
        ),
    ),
    (
        Flag("time", "column", "when each row is true: features are joined as of it", "COL"),
        Flag("no-record", None, "keep the predictions out of monitoring"),
        Flag("to", "text", "put the predictions into a new .parquet or .csv file", '"FILE"'),
        Flag("explain", None, "what pushed the answer up and down"),
        Flag("coverage", "number", "how often intervals or sets shall hold the truth", "0.9"),
        Flag("live", None, "a form in which the row can be changed; nothing is recorded"),
    ),
)

MONITOR = Verb(
    "%monitor",
    "what a model does in use: traffic, drift, performance, labels",
    (
        Form("overview", "", "every model in one line each"),
        Form(
            "dashboard",
            "NAME[@vN]",
            "traffic, latency, confidence, drift, performance",
            "churn --since 7d",
            takes=("since",),
        ),
        Form(
            "drift",
            "NAME[@vN] drift",
            "what moved since training, or since a table that is named",
            "churn drift --by contract",
            takes=("since", "by", "baseline"),
        ),
        Form(
            "events",
            "NAME[@vN] events",
            "the newest predictions",
            "churn events --limit 20",
            takes=("limit",),
        ),
        Form(
            "metrics",
            "NAME[@vN] metrics",
            "counts, latency, errors; --every hour or day",
            "churn metrics --every 1d",
            takes=("since", "every"),
        ),
        Form(
            "performance",
            "NAME[@vN] performance",
            "measured on labels beside what the probabilities promise",
            "churn performance",
            takes=("since",),
        ),
        Form(
            "baseline",
            "NAME[@vN] baseline DATA",
            "compare with this table from now on, also a model made elsewhere",
            "churn baseline df",
        ),
        Form(
            "labels",
            "NAME labels DATA",
            "store what turned out",
            "churn labels late --label churned --key customer_id",
            needs=("label",),
            takes=("key", "time"),
        ),
        Form(
            "trace",
            "NAME trace REQUEST_ID",
            "from a prediction back to the cell that made its features",
            "churn trace 0197c0de",
        ),
        Form(
            "alerts",
            "NAME[@vN] alerts",
            "what is open, to watch and over, each against chance and with the next step",
            "churn alerts --state open",
            takes=("state",),
        ),
        Form("alert", "NAME alerts ID", "what happened to one alert", "churn alerts 3"),
        Form(
            "acknowledge",
            "NAME alerts ack ID",
            "note that somebody has seen it",
            'churn alerts ack 3 --note "the new price list"',
            takes=("note",),
        ),
        Form("rules", "NAME rule", "the limits that you set", "churn rule"),
        Form(
            "rule",
            'NAME rule "RULE"',
            "a limit of yours: each window that breaks it opens an alert",
            'churn rule "p95_latency_ms > 50"',
        ),
        Form("rule_off", "NAME rule off ID", "take a limit back", "churn rule off 1"),
        Form("webhook", "NAME webhook", "where alerts are sent", "churn webhook"),
        Form(
            "webhook_on",
            'NAME webhook "ADDRESS"',
            "send alerts there as JSON: the only thing that leaves this machine",
            'churn webhook "https://hooks.example.org/churn"',
        ),
        Form("webhook_off", "NAME webhook off", "send nothing any more", "churn webhook off"),
        *RETRAINING_FORMS,
        Form(
            "live",
            "NAME[@vN] live",
            "the dashboard, which follows the workspace until it is stopped",
            "churn live --every 5s",
            takes=("since", "every"),
        ),
    ),
    (
        Flag("since", "duration", "back from the newest event (default: 7d)", "7d"),
        Flag("limit", "integer", "how many (default: 20)", "20", least=1),
        Flag("label", "column", "the column that holds what turned out", "COL"),
        Flag("key", "names", "the columns that name the entity, without request_id", "COL,…"),
        Flag("time", "column", "when the outcome became known (default: now)", "COL"),
        Flag("by", "column", "a feature: what moved within each of its values", "COL"),
        Flag("baseline", "data", "a table to compare with (default: training)", "DATA"),
        Flag(
            "every", "duration", "length of each row, in whole hours; of live: between looks", "1d"
        ),
        Flag("state", "choice", "only these (default: all)", choices=("open", "watch", "closed")),
        Flag("note", "text", "what whoever has seen it says", '"…"'),
        *RETRAINING_FLAGS,
    ),
)

VERBS = MappingProxyType(
    {
        "workspace": WORKSPACE,
        "features": FEATURES,
        "%%features": FEATURES_CELL,
        "train": TRAIN,
        "model": MODEL,
        "predict": PREDICT,
        "monitor": MONITOR,
        "serve": SERVE,
    }
)

MAGIC_WORDS = frozenset(
    place
    for verb in VERBS.values()
    for form in verb.forms
    for place in form.places
    if place.isalpha() and place.islower()
)


def usage(verb: str) -> str:
    """Write every form of a verb in one line.

    Parameters
    ----------
    verb : str
        A key of `VERBS`: the magic's name, `%%features` for the cell magic.

    Returns
    -------
    str
        The usage, without what later versions bring.

    Examples
    --------
    >>> usage("workspace")
    '%workspace [--temporary | "PATH" | upload NAME DATA | allow "PATH"]'
    """
    return VERBS[verb].usage()


def help_text(verb: str) -> str:
    """Write the help of a verb, with examples.

    Parameters
    ----------
    verb : str
        A key of `VERBS`.

    Returns
    -------
    str
        Several lines of plain text.

    Examples
    --------
    >>> print(help_text("%%features").splitlines()[4])
        example: %%features customers --key customer_id --time event_time --ttl 90d
    """
    return VERBS[verb].help_text()
