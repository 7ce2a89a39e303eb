"""How does a server look from the notebook's side?

Its token stands in no page: a saved notebook would give it away.
"""

from pathlib import PurePath

from mlops_magics.workspace.results import Serving

from .bundle import Bundle
from .numbers import count
from .page import Code, Figures, Headline, Line, page

IN_A_CELL = """served = %serve
!curl -s {served.address}/models -H "Authorization: Bearer {served.token}"
"""


def serving(result: Serving) -> Bundle:
    """Return where a workspace is served, and how to ask it."""
    if not result.address:
        return page(Line("nothing is served. Next:", "%serve"))
    figures = Figures(
        [
            _figure(result.request_count, "request"),
            _figure(result.prediction_count, "single prediction"),
        ]
    )
    if not result.is_running:
        return page(
            Headline(result.address, "is stopped; what it acknowledged is recorded"), figures
        )
    reach = "this machine alone reaches it" if result.is_local else "other machines reach it"
    who = "who has its token comes in"
    name = PurePath(result.folder).name  # a saved notebook tells nothing of the machine
    return page(
        Headline(result.address, f"serves {name}", "good" if result.is_local else "watch"),
        Line(f"{reach}; {who}"),
        Line("from a cell, which keeps the token out of the notebook:"),
        Code(IN_A_CELL),
        Line("from a terminal, with the token in a variable:"),
        Code(f'curl -s {result.address}/models -H "Authorization: Bearer $TOKEN"'),
        Line("every route, with an example of each:", f"{result.address}/docs"),
        figures if result.request_count else None,
    )


def _figure(number: int, noun: str) -> tuple[str, str]:
    figure, _, label = count(number, noun).partition(" ")
    return figure, label
