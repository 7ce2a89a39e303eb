import pytest

from mlops_magics.errors.request import NotYet
from mlops_magics.magics.request import parse

DAY = 86_400_000_000


def said(verb: str, line: str) -> dict[str, object]:
    """Everything that a line says, without what it does not say."""
    request = parse(verb, line)
    flags = {
        key: f"<{value.text}>" if hasattr(value, "text") else value
        for key, value in request.flags.items()
    }
    parts = {
        "name": request.name,
        "version": request.version,
        "words": [word.text for word in request.words],
        "flags": flags,
        "values": dict(request.assignments),
    }
    return {"action": request.action} | {key: part for key, part in parts.items() if part}


# UX.md, line by line

UX_LINES = [
    ("workspace", "", {"action": "show"}),
    ("workspace", '"path/to/folder"', {"action": "switch", "words": ["path/to/folder"]}),
    ("workspace", "--temporary", {"action": "temporary", "flags": {"temporary": True}}),
    (
        "workspace",
        "upload telco df",
        {"action": "upload", "name": "telco", "words": ["df"]},
    ),
    (
        "%%features",
        "customers --key customer_id --time event_time --ttl 90d",
        {
            "action": "define",
            "name": "customers",
            "flags": {"key": ("customer_id",), "time": "event_time", "ttl": 90 * DAY},
        },
    ),
    (
        "%%features",
        "customers --key customer_id,shop --out view",
        {
            "action": "define",
            "name": "customers",
            "flags": {"key": ("customer_id", "shop"), "out": "view"},
        },
    ),
    ("features", "", {"action": "list"}),
    ("features", "customers", {"action": "describe", "name": "customers"}),
    (
        "features",
        "customers customer_id=42",
        {"action": "values", "name": "customers", "values": {"customer_id": "42"}},
    ),
    (
        "features",
        "customers customer_id=42 --at 2024-06-01",
        {
            "action": "values",
            "name": "customers",
            "flags": {"at": "2024-06-01"},
            "values": {"customer_id": "42"},
        },
    ),
    (
        "features",
        "customers --data df --key customer_id --time event_time",
        {
            "action": "write",
            "name": "customers",
            "flags": {"data": "<df>", "key": ("customer_id",), "time": "event_time"},
        },
    ),
    (
        "features",
        "join customers,usage --spine outcomes --time decided_at",
        {
            "action": "join",
            "words": ["customers,usage"],
            "flags": {"spine": "<outcomes>", "time": "decided_at"},
        },
    ),
    (
        "train",
        "churn --data telco --target churned",
        {"action": "train", "name": "churn", "flags": {"data": "<telco>", "target": "churned"}},
    ),
    (
        "train",
        "churn --data outcomes --target churned --features customers,usage --time decided_at"
        "      # joined point-in-time",
        {
            "action": "train",
            "name": "churn",
            "flags": {
                "data": "<outcomes>",
                "target": "churned",
                "features": ("customers", "usage"),
                "time": "decided_at",
            },
        },
    ),
    (
        "train",
        '--task binary churn --data telco --target churned --exclude "Monthly charges",tenure '
        '--columns a,b --seed 7 --note "best so far"',
        {
            "action": "train",
            "name": "churn",
            "flags": {
                "task": "binary",
                "data": "<telco>",
                "target": "churned",
                "exclude": ("Monthly charges", "tenure"),
                "columns": ("a", "b"),
                "seed": 7,
                "note": "best so far",
            },
        },
    ),
    ("model", "", {"action": "list"}),
    ("model", "churn", {"action": "versions", "name": "churn"}),
    ("model", "churn@v2", {"action": "card", "name": "churn", "version": "v2"}),
    ("model", "churn@latest", {"action": "card", "name": "churn", "version": "latest"}),
    ("model", "churn promote v2", {"action": "promote", "name": "churn", "version": "v2"}),
    ("model", "churn@v2 promote", {"action": "promote", "name": "churn", "version": "v2"}),
    (
        "model",
        'churn promote v2 --force --because "late"',
        {
            "action": "promote",
            "name": "churn",
            "version": "v2",
            "flags": {"force": True, "because": "late"},
        },
    ),
    (
        "model",
        "churn compare v1 v2",
        {"action": "compare", "name": "churn", "version": "v1", "words": ["v2"]},
    ),
    (
        "model",
        "churn@v1 compare production",
        {"action": "compare", "name": "churn", "version": "v1", "words": ["production"]},
    ),
    (
        "model",
        "churn@production compare v3",
        {"action": "compare", "name": "churn", "version": "production", "words": ["v3"]},
    ),
    ("model", "churn delete v1", {"action": "delete", "name": "churn", "version": "v1"}),
    (
        "model",
        "churn promote v2 --stage staging",
        {"action": "promote", "name": "churn", "version": "v2", "flags": {"stage": "staging"}},
    ),
    ("model", "churn rollback", {"action": "rollback", "name": "churn"}),
    ("model", "churn archive v1", {"action": "archive", "name": "churn", "version": "v1"}),
    (
        "model",
        'churn export v2 "churn.mlm"',
        {"action": "export", "name": "churn", "version": "v2", "words": ["churn.mlm"]},
    ),
    (
        "model",
        "churn@v2 export churn.mlm",
        {"action": "export", "name": "churn", "version": "v2", "words": ["churn.mlm"]},
    ),
    ("model", 'import "churn.mlm"', {"action": "import", "words": ["churn.mlm"]}),
    (
        "predict",
        "churn customer_id=42",
        {"action": "row", "name": "churn", "values": {"customer_id": "42"}},
    ),
    (
        "predict",
        "churn tenure=3 contract=Month-to-month",
        {
            "action": "row",
            "name": "churn",
            "values": {"tenure": "3", "contract": "Month-to-month"},
        },
    ),
    (
        "predict",
        'churn plan= note="" contract="Month to month" "Monthly charges"=-1.5',
        {
            "action": "row",
            "name": "churn",
            "values": {
                "plan": None,
                "note": "",
                "contract": "Month to month",
                "Monthly charges": "-1.5",
            },
        },
    ),
    ("predict", "churn {row}", {"action": "data", "name": "churn", "words": ["row"]}),
    (
        "predict",
        "churn today --time event_time --no-record",
        {
            "action": "data",
            "name": "churn",
            "words": ["today"],
            "flags": {"time": "event_time", "no_record": True},
        },
    ),
    (
        "predict",
        "churn@production dataset:telco",
        {"action": "data", "name": "churn", "version": "production", "words": ["dataset:telco"]},
    ),
    (
        "predict",
        'churn "big.parquet" --to "scored.parquet"',
        {
            "action": "data",
            "name": "churn",
            "words": ["big.parquet"],
            "flags": {"to": "scored.parquet"},
        },
    ),
    ("monitor", "", {"action": "overview"}),
    ("monitor", "churn", {"action": "dashboard", "name": "churn"}),
    (
        "monitor",
        "churn --since 7d",
        {"action": "dashboard", "name": "churn", "flags": {"since": 7 * DAY}},
    ),
    ("monitor", "churn drift", {"action": "drift", "name": "churn"}),
    (
        "monitor",
        "churn drift --by contract",
        {"action": "drift", "name": "churn", "flags": {"by": "contract"}},
    ),
    (
        "monitor",
        "churn drift --baseline df",
        {"action": "drift", "name": "churn", "flags": {"baseline": "<df>"}},
    ),
    ("monitor", "churn baseline df", {"action": "baseline", "name": "churn", "words": ["df"]}),
    (
        "monitor",
        "churn metrics --every 1d",
        {"action": "metrics", "name": "churn", "flags": {"every": DAY}},
    ),
    ("monitor", "churn events", {"action": "events", "name": "churn"}),
    (
        "monitor",
        "churn events --limit 20",
        {"action": "events", "name": "churn", "flags": {"limit": 20}},
    ),
    ("monitor", "churn@v3 metrics", {"action": "metrics", "name": "churn", "version": "v3"}),
    ("monitor", "churn performance", {"action": "performance", "name": "churn"}),
    (
        "monitor",
        "churn labels late --label churned",
        {
            "action": "labels",
            "name": "churn",
            "words": ["late"],
            "flags": {"label": "churned"},
        },
    ),
    (
        "monitor",
        "churn labels late --label churned --key customer_id --time event_time",
        {
            "action": "labels",
            "name": "churn",
            "words": ["late"],
            "flags": {"label": "churned", "key": ("customer_id",), "time": "event_time"},
        },
    ),
    ("workspace", 'allow "folder"', {"action": "allow", "words": ["folder"]}),
    (
        "%%features",
        "customers --key customer_id --history --dry-run",
        {
            "action": "define",
            "name": "customers",
            "flags": {"key": ("customer_id",), "history": True, "dry_run": True},
        },
    ),
    (
        "%%features",
        "customers --key customer_id --on-demand",
        {
            "action": "compute",
            "name": "customers",
            "flags": {"key": ("customer_id",), "on_demand": True},
        },
    ),
    (
        "features",
        "join customers --spine s --known-at 2024-07-01",
        {
            "action": "join",
            "words": ["customers"],
            "flags": {"spine": "<s>", "known_at": "2024-07-01"},
        },
    ),
    (
        "monitor",
        "churn trace 0197c0de",
        {"action": "trace", "name": "churn", "words": ["0197c0de"]},
    ),
    (
        "monitor",
        "churn alerts --state open",
        {"action": "alerts", "name": "churn", "flags": {"state": "open"}},
    ),
    ("monitor", "churn alerts 3", {"action": "alert", "name": "churn", "words": ["3"]}),
    (
        "monitor",
        'churn alerts ack 3 --note "the new price list"',
        {
            "action": "acknowledge",
            "name": "churn",
            "words": ["3"],
            "flags": {"note": "the new price list"},
        },
    ),
    ("monitor", "churn rule", {"action": "rules", "name": "churn"}),
    (
        "monitor",
        'churn rule "p95_latency_ms > 50"',
        {"action": "rule", "name": "churn", "words": ["p95_latency_ms > 50"]},
    ),
    ("monitor", "churn rule off 1", {"action": "rule_off", "name": "churn", "words": ["1"]}),
    ("monitor", "churn webhook", {"action": "webhook", "name": "churn"}),
    (
        "monitor",
        'churn webhook "https://hooks.example.org/churn"',
        {
            "action": "webhook_on",
            "name": "churn",
            "words": ["https://hooks.example.org/churn"],
        },
    ),
    ("monitor", "churn webhook off", {"action": "webhook_off", "name": "churn"}),
    (
        "monitor",
        "churn retrain --when performance,drift,age>30d --min-labels 50 --cool-down 7d "
        "--approve auto",
        {
            "action": "retrain_policy",
            "name": "churn",
            "flags": {
                "when": ("performance", "drift", "age>30d"),
                "min_labels": 50,
                "cool_down": 7 * DAY,
                "approve": "auto",
            },
        },
    ),
    ("monitor", "churn retrain", {"action": "retraining", "name": "churn"}),
    ("monitor", "churn retrain now", {"action": "retrain_now", "name": "churn"}),
    ("monitor", "churn retrain approve", {"action": "retrain_approve", "name": "churn"}),
    ("monitor", "churn retrain reject", {"action": "retrain_reject", "name": "churn"}),
    ("monitor", "churn retrain off", {"action": "retrain_off", "name": "churn"}),
    ("serve", "--port 8900", {"action": "start", "flags": {"port": 8900}}),
    ("serve", "--host 0.0.0.0", {"action": "start", "flags": {"host": "0.0.0.0"}}),
    ("serve", "status", {"action": "status"}),
    ("serve", "stop", {"action": "stop"}),
    ("model", "churn shadow v3", {"action": "shadow", "name": "churn", "version": "v3"}),
    (
        "model",
        "churn canary v3 10%",
        {"action": "canary", "name": "churn", "version": "v3", "words": ["10%"]},
    ),
    (
        "model",
        "churn@v3 canary 2.5%",
        {"action": "canary", "name": "churn", "version": "v3", "words": ["2.5%"]},
    ),
    ("model", "churn off", {"action": "off", "name": "churn"}),
    (
        "model",
        "churn compare production v3",
        {"action": "compare", "name": "churn", "version": "production", "words": ["v3"]},
    ),
    (
        "monitor",
        "churn@v2 live --every 5s",
        {"action": "live", "name": "churn", "version": "v2", "flags": {"every": 5_000_000}},
    ),
    (
        "train",
        "churn --data t --target c --background",
        {
            "action": "train",
            "name": "churn",
            "flags": {"data": "<t>", "target": "c", "background": True},
        },
    ),
    ("train", "jobs", {"action": "jobs"}),
]

UX_LATER_LINES = [
    ("workspace", "check", "%workspace check"),
    ("workspace", "backup FILE", "%workspace backup"),
    ("workspace", "restore FILE", "%workspace restore"),
    ("workspace", "compact", "%workspace compact"),
]


@pytest.mark.parametrize(("verb", "line", "expected"), UX_LINES)
def test_every_line_of_the_language_is_read_in_one_way(verb, line, expected):
    assert said(verb, line) == expected


@pytest.mark.parametrize(("verb", "line", "form"), UX_LATER_LINES)
def test_a_form_of_a_later_version_is_named_with_what_to_do_instead(verb, line, form):
    with pytest.raises(NotYet) as caught:
        parse(verb, line)

    assert str(caught.value).startswith(f"{form} is not in this version yet. Next: ")
