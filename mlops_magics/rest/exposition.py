"""What does Prometheus read of a server?

Counters since its start, in the text format 0.0.4. A library for it would bring a
registry of its own; these are a few lines.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .service import Service

Sample = tuple[Mapping[str, object], float]


def write(service: "Service") -> str:
    """Return the counters of a server.

    Parameters
    ----------
    service : Service
        What it works with.

    Returns
    -------
    str
        One family after the other.
    """
    answers = [
        ({"method": method, "route": route, "status": status}, count)
        for (method, route, status), count in sorted(service.requests.items())
    ]
    seconds = [
        ({"method": method, "route": route}, spent)
        for (method, route), spent in sorted(service.seconds.items())
    ]
    predictor = service.predictor
    predictions = [
        ({"model_id": model_id, "version": version}, count)
        for (model_id, version), count in sorted(predictor.counts.items())
    ]
    families = (
        family("mlops_requests_total", "counter", "Answers by route and status.", answers),
        family("mlops_request_seconds_total", "counter", "Time they took.", seconds),
        family("mlops_predictions_total", "counter", "Single predictions.", predictions),
        family(
            "mlops_commits_total", "counter", "Transactions of them.", [({}, predictor.commits)]
        ),
        family("mlops_waiting", "gauge", "Predictions that wait.", [({}, predictor.waiting)]),
        family("mlops_trainings", "gauge", "Trainings that run.", [({}, service.jobs.running)]),
        family("mlops_start_time_seconds", "gauge", "Start.", [({}, service.started_at)]),
    )
    return "".join(families)


def family(name: str, kind: str, help_text: str, samples: Iterable[Sample]) -> str:
    r"""Return one family of samples.

    Parameters
    ----------
    name, kind, help_text : str
        Of the family.
    samples : iterable of (mapping, float)
        Labels and value.

    Returns
    -------
    str
        Its lines.

    Examples
    --------
    >>> print(family("up", "gauge", "It is up.", [({"model": 'a"b\n'}, 1)]), end="")
    # HELP up It is up.
    # TYPE up gauge
    up{model="a\"b\n"} 1
    """
    lines = [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        said = ",".join(f'{key}="{_escaped(str(label))}"' for key, label in labels.items())
        lines.append(f"{name}{{{said}}} {value:.15g}" if said else f"{name} {value:.15g}")
    return "\n".join(lines) + "\n"


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
