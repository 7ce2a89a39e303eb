"""What does the catalogue hold?

The tables of catalog.db, by numbered migration. All times are integer
microseconds since 1970 UTC; what is JSON says so. Facts are appended: the only
tables whose rows change are `stage`, which a trigger keeps as the sum of
`stage_change`, `online`, a copy of what the log knows, and `lease`, which says who
does something at this moment.
"""

# "MLOP" in ASCII; tells our file from any other SQLite database.
APPLICATION_ID = 0x4D4C4F50

MIGRATION_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- one order over everything that is appended: the next number to give
INSERT INTO meta VALUES ('next_seq', 1);

-- columns: JSON [[name, kind, stored_in], ...], in the order of packed rows and of c0, c1, ...
CREATE TABLE schema (schema_id INTEGER PRIMARY KEY, columns TEXT NOT NULL UNIQUE);

CREATE TABLE segment (
    segment_id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL,
    schema_id INTEGER NOT NULL REFERENCES schema, path TEXT NOT NULL UNIQUE,
    row_count INTEGER NOT NULL, byte_count INTEGER NOT NULL,
    event_time_min INTEGER NOT NULL, event_time_max INTEGER NOT NULL,
    id_min TEXT, id_max TEXT, seq_min INTEGER NOT NULL, written_at INTEGER NOT NULL
);
CREATE INDEX segment_of ON segment (kind, name, seq_min);

-- what the rows of a segment add up to, one row a UTC day: by hour, and all hours of the day
-- together; made again where it is lost
CREATE TABLE summary (
    summary_id INTEGER PRIMARY KEY, segment_id TEXT NOT NULL REFERENCES segment,
    meter TEXT NOT NULL, day INTEGER NOT NULL, hours BLOB NOT NULL, whole BLOB NOT NULL,
    UNIQUE (segment_id, meter, day)
);

CREATE TABLE hot (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL,
    schema_id INTEGER NOT NULL REFERENCES schema, id TEXT, key TEXT,
    event_time INTEGER NOT NULL, written_at INTEGER NOT NULL, known_at INTEGER NOT NULL,
    data BLOB NOT NULL
);
CREATE INDEX hot_by_time ON hot (kind, name, event_time);
CREATE INDEX hot_by_key ON hot (kind, name, key, event_time) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX hot_by_id ON hot (kind, name, id) WHERE id IS NOT NULL;

-- a notebook's cell as it was typed; an event names the one that asked
CREATE TABLE cell (
    cell_id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, number INTEGER NOT NULL,
    source TEXT NOT NULL, UNIQUE (sha256, number)
);

CREATE TABLE dataset (
    dataset_id TEXT PRIMARY KEY, folded TEXT NOT NULL UNIQUE, row_count INTEGER NOT NULL,
    columns TEXT NOT NULL, written_at INTEGER NOT NULL
);

CREATE TABLE view (view TEXT PRIMARY KEY, folded TEXT NOT NULL UNIQUE, written_at INTEGER NOT NULL);
CREATE TABLE view_version (
    view TEXT NOT NULL REFERENCES view, number INTEGER NOT NULL,
    key TEXT NOT NULL, time TEXT, ttl INTEGER,
    sql TEXT, sha256 TEXT NOT NULL, cell TEXT, cell_number INTEGER,
    on_demand INTEGER NOT NULL, written_at INTEGER NOT NULL,
    PRIMARY KEY (view, number)
) WITHOUT ROWID;
-- what each write did, and the source that it came from
CREATE TABLE view_write (
    seq INTEGER PRIMARY KEY, view TEXT NOT NULL, number INTEGER NOT NULL,
    new_count INTEGER NOT NULL, existing_count INTEGER NOT NULL, is_history INTEGER NOT NULL,
    sql TEXT, sha256 TEXT NOT NULL, cell TEXT, cell_number INTEGER, written_at INTEGER NOT NULL,
    FOREIGN KEY (view, number) REFERENCES view_version
);
CREATE INDEX view_write_of ON view_write (view, number);

-- the versions of views whose newest rows are kept by key, and these rows. A row answers for
-- every moment from seen_from up to, without, next_at, from when another one may be seen.
CREATE TABLE online_view (
    view TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (view, number),
    FOREIGN KEY (view, number) REFERENCES view_version
) WITHOUT ROWID;
CREATE TABLE online (
    view TEXT NOT NULL, number INTEGER NOT NULL, key TEXT NOT NULL,
    event_time INTEGER, seen_from INTEGER, written_at INTEGER, seq INTEGER, next_at INTEGER,
    schema_id INTEGER REFERENCES schema, data BLOB,
    PRIMARY KEY (view, number, key)
) WITHOUT ROWID;

CREATE TABLE model (
    model_id TEXT PRIMARY KEY, folded TEXT NOT NULL UNIQUE, written_at INTEGER NOT NULL
);
CREATE TABLE model_version (
    model_id TEXT NOT NULL REFERENCES model, number INTEGER NOT NULL, alias TEXT,
    framework TEXT NOT NULL, artifact_uri TEXT NOT NULL, artifact_sha256 TEXT,
    metrics TEXT NOT NULL, metadata TEXT NOT NULL, registered_at INTEGER NOT NULL,
    PRIMARY KEY (model_id, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX model_version_alias ON model_version (model_id, alias) WHERE alias IS NOT NULL;
CREATE TABLE metadata_change (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, number INTEGER NOT NULL,
    metadata TEXT NOT NULL, written_at INTEGER NOT NULL
);

-- why: promoted, replaced, rolled back, archived, registered; evidence: JSON verdicts of the gates;
-- because: why a version went past a gate that did not let it pass; by: who asked for it, such as
-- notebook, python, retraining or http with the client's address
CREATE TABLE stage_change (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, number INTEGER NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('development', 'staging', 'production', 'archived')),
    why TEXT NOT NULL, evidence TEXT, because TEXT, "by" TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    FOREIGN KEY (model_id, number) REFERENCES model_version
);
CREATE TABLE stage (
    model_id TEXT NOT NULL, number INTEGER NOT NULL, stage TEXT NOT NULL, since INTEGER NOT NULL,
    PRIMARY KEY (model_id, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX one_production ON stage (model_id) WHERE stage = 'production';
CREATE TRIGGER stage_is_the_last_change AFTER INSERT ON stage_change BEGIN
    INSERT INTO stage VALUES (new.model_id, new.number, new.stage, new.written_at)
    ON CONFLICT (model_id, number) DO UPDATE SET stage = excluded.stage, since = excluded.since;
END;

-- a version whose file is gone; its number is never given again
CREATE TABLE deletion (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, number INTEGER NOT NULL,
    "by" TEXT NOT NULL, written_at INTEGER NOT NULL, UNIQUE (model_id, number),
    FOREIGN KEY (model_id, number) REFERENCES model_version
);

CREATE TABLE job (
    job_id TEXT PRIMARY KEY, model_id TEXT NOT NULL, version TEXT, status TEXT NOT NULL,
    spec TEXT NOT NULL, report TEXT NOT NULL, start_time INTEGER NOT NULL,
    end_time INTEGER NOT NULL, error TEXT
);

-- label: JSON of the value in its own type; event_time: when the outcome became known; key: JSON
-- object of names and values; prediction_time: event_time of the prediction that it belongs to,
-- null while there is none
CREATE TABLE label (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, request_id TEXT, key TEXT,
    label TEXT NOT NULL, event_time INTEGER NOT NULL, prediction_time INTEGER,
    written_at INTEGER NOT NULL
);
CREATE INDEX label_of ON label (model_id, request_id);
CREATE INDEX label_by_time ON label (model_id, prediction_time);

-- two versions of a model that were judged on rows that its trainings held out;
-- first is the earlier version
CREATE TABLE look (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, first INTEGER NOT NULL,
    second INTEGER NOT NULL, row_count INTEGER NOT NULL, written_at INTEGER NOT NULL
);
CREATE INDEX look_of ON look (model_id, first, second);

-- what was learned from a table: cells and counts as JSON, samples and rows packed as float32
CREATE TABLE baseline (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, document TEXT NOT NULL, arrays BLOB NOT NULL,
    written_at INTEGER NOT NULL
);

-- the windows that were judged, each once; what: events or labels; begin, end: UTC days since 1970;
-- findings: JSON [[about, subject], ...], what kept alerts from closing
CREATE TABLE alert_window (
    model_id TEXT NOT NULL, version TEXT NOT NULL, what TEXT NOT NULL,
    begin INTEGER NOT NULL, "end" INTEGER NOT NULL, row_count INTEGER NOT NULL,
    findings TEXT NOT NULL, written_at INTEGER NOT NULL,
    PRIMARY KEY (model_id, version, what, begin)
) WITHOUT ROWID;
-- every change of an alert, whole: the newest row counts; at: end of the window that changed it
CREATE TABLE alert (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, alert_id INTEGER NOT NULL,
    version TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('watch', 'open', 'closed')), severity TEXT NOT NULL,
    window_begin INTEGER NOT NULL, window_end INTEGER NOT NULL, said TEXT NOT NULL,
    by_chance TEXT NOT NULL, slice TEXT, note TEXT, at INTEGER NOT NULL, written_at INTEGER NOT NULL
);
CREATE INDEX alert_of ON alert (model_id, alert_id);
CREATE TABLE rule (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, rule_id INTEGER NOT NULL, text TEXT NOT NULL,
    is_removed INTEGER NOT NULL, written_at INTEGER NOT NULL
);
-- every attempt to send a change of an alert to an address; the address itself is the user's own
CREATE TABLE delivery (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, alert_seq INTEGER NOT NULL, host TEXT NOT NULL,
    attempt INTEGER NOT NULL, outcome TEXT NOT NULL, written_at INTEGER NOT NULL
);
CREATE INDEX delivery_of ON delivery (model_id, alert_seq);

-- a training that has begun; sign: of the open workspace that runs it, in .mlops/open
CREATE TABLE job_begin (
    job_id TEXT PRIMARY KEY, model_id TEXT NOT NULL, sign TEXT NOT NULL, written_at INTEGER NOT NULL
);

-- who does what only one process at a time may do; its token is new with every owner
CREATE TABLE lease (
    name TEXT PRIMARY KEY, token TEXT NOT NULL, process_id INTEGER NOT NULL, host TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

-- when a model is to be retrained: JSON, the newest counts; null: not by itself
CREATE TABLE retraining_policy (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, policy TEXT, written_at INTEGER NOT NULL
);
CREATE INDEX retraining_policy_of ON retraining_policy (model_id, seq);
-- what happened to a request to retrain; the newest row of a request says all of it, as JSON
CREATE TABLE retraining_change (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, request_no INTEGER NOT NULL,
    state TEXT NOT NULL, request TEXT NOT NULL, written_at INTEGER NOT NULL
);
CREATE INDEX retraining_change_of ON retraining_change (model_id, request_no, seq);

-- which version answers beside the one in production; the newest row of a model counts.
-- share: of the entities that a canary answers, in ten thousandths
CREATE TABLE rollout (
    seq INTEGER PRIMARY KEY, model_id TEXT NOT NULL, number INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('shadow', 'canary', 'off')), share INTEGER NOT NULL,
    why TEXT NOT NULL, written_at INTEGER NOT NULL,
    FOREIGN KEY (model_id, number) REFERENCES model_version
);
CREATE INDEX rollout_of ON rollout (model_id, seq);
"""

MIGRATIONS: tuple[str, ...] = (MIGRATION_1,)
FORMAT = len(MIGRATIONS)
