"""How is one to speak of the workspace and of its features?

The rows of these magics in the table of `verbs`, which is one table in two files.
"""

from .flags import Flag, Form, Verb

WORKSPACE = Verb(
    "%workspace",
    "the folder in which everything is kept",
    (
        Form("show", "", "where it is, its size, what it holds"),
        Form(
            "temporary",
            "",
            "a fresh workspace that goes with the kernel",
            "--temporary",
            needs=("temporary",),
        ),
        Form("switch", '"PATH"', "use another folder, created at the first write", '"work/churn"'),
        Form("upload", "upload NAME DATA", "store a table as the dataset NAME", "upload telco df"),
        Form("check", "check", "", instead="%workspace shows what the workspace holds"),
        Form("backup", "backup …", "", instead="copy the folder that %workspace names"),
        Form("restore", "restore …", "", instead='copy the folder back and type %workspace "PATH"'),
        Form("compact", "compact", "", instead="go on: results are the same without it"),
        Form(
            "allow",
            'allow "PATH"',
            "let features cells of this kernel read files below a folder",
            'allow "../data"',
        ),
    ),
    (Flag("temporary", None, "use a fresh workspace that goes with the kernel"),),
)

FEATURES = Verb(
    "%features",
    "the feature views, their values, and training sets joined from them",
    (
        Form("list", "", "every view: keys, rows, freshness, which models use it"),
        Form(
            "join",
            "join VIEW,…",
            "a training set, each row as of its own time",
            "join customers,usage --spine outcomes --time decided_at",
            needs=("spine",),
            takes=("time", "known-at"),
        ),
        Form(
            "explore",
            "VIEW live",
            "its profile, and one entity over time: what was known when",
            "customers live",
            takes=("at",),
        ),
        Form(
            "explore_entity",
            "VIEW live KEY=VALUE…",
            "the same for this entity",
            "customers live customer_id=42 --at 2024-06-01",
            takes=("at",),
        ),
        Form("describe", "VIEW", "one view: its SQL, versions, features, freshness", "customers"),
        Form(
            "write",
            "VIEW",
            "write a table without SQL",
            "customers --data df --key customer_id --time event_time",
            needs=("data", "key"),
            takes=("time", "ttl", "history", "dry-run"),
        ),
        Form(
            "values",
            "VIEW KEY=VALUE…",
            "the values of one entity, as they were known then",
            "customers customer_id=42 --at 2024-06-01",
            takes=("at",),
        ),
    ),
    (
        Flag("data", "data", "the table to write", "DATA"),
        Flag("key", "names", "the columns that name an entity", "COL,…"),
        Flag("time", "column", "when each row is true", "COL"),
        Flag("spine", "data", "the rows that features are joined to", "DATA"),
        Flag("at", "time", "the moment asked for (default: now)", "TIME"),
        Flag("known-at", "time", "only what had been written by then", "TIME"),
        Flag("ttl", "duration", "older values count as missing", "90d"),
        Flag("history", None, "the rows were known when they were true"),
        Flag("dry-run", None, "show what would be written, and write nothing"),
    ),
)

FEATURES_CELL = Verb(
    "%%features",
    "define a feature view by the SQL below the line; again appends only what is new",
    (
        Form(
            "define",
            "NAME",
            "run the cell's SQL and append its new rows to the view NAME",
            "customers --key customer_id --time event_time --ttl 90d",
            needs=("key",),
            takes=("time", "ttl", "history", "dry-run", "out"),
        ),
        Form(
            "compute",
            "NAME",
            "store SQL over the table request, run on each row that is trained on or predicted",
            "ratios --on-demand",
            needs=("on-demand",),
            takes=("key", "dry-run"),
        ),
    ),
    (
        Flag("key", "names", "the columns that name an entity", "COL,…"),
        Flag("time", "column", "when each row is true", "COL"),
        Flag("ttl", "duration", "older values count as missing", "90d"),
        Flag("out", "name", "the variable that the result is bound to", "NAME"),
        Flag("history", None, "the rows were known when they were true"),
        Flag("dry-run", None, "show the result and its checks, and write nothing"),
        Flag("on-demand", None, "compute it from each request instead of storing rows"),
    ),
)
