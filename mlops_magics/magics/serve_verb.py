"""What does %serve understand: who may reach the workspace over HTTP?

Part of the one table of `verbs`.
"""

from .flags import Flag, Form, Verb

SERVE = Verb(
    "%serve",
    "the same workspace over HTTP, while the notebook stays usable",
    (
        Form(
            "start",
            "",
            "serve it, and show where; the result's .token lets a client in",
            "--port 8900",
            takes=("port", "host"),
        ),
        Form("status", "status", "where it is served, and what it has answered", "status"),
        Form("stop", "stop", "answer what was asked, record it, and end", "stop"),
    ),
    (
        Flag("port", "integer", "where to listen (default: 8900; 0: any that is free)", "8900"),
        Flag("host", "text", "the address; another than 127.0.0.1 is reached by others", "ADDRESS"),
    ),
)
