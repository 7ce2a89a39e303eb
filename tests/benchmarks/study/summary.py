"""What do the measured fits say, together?

Ratios of scores on the same rows, their geometric mean over tables with a bootstrap
interval, ranks and times, as Markdown. It fits nothing.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

MAIN_RIVAL = "CatBoost"
TIE = 0.01
DRAWS = 10_000
SMALLEST_PROBABILITY = 1e-7

Rows = list[dict[str, Any]]


def read(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def score(held: np.ndarray, answers: np.ndarray) -> float:
    """Return log loss of probabilities, or the root mean square error; smaller is better."""
    if answers.ndim == 1:
        return float(np.sqrt(np.mean((held - answers) ** 2)))
    shares = np.clip(answers, SMALLEST_PROBABILITY, 1)
    shares = shares / shares.sum(axis=1, keepdims=True)
    return float(-np.log(shares[np.arange(len(held)), held.astype(int)]).mean())


def scores(rows: Rows) -> dict[str, dict[str, dict[int, float]]]:
    found: dict[str, dict[str, dict[int, float]]] = {}
    for row in rows:
        of_table = found.setdefault(row["table"], {})
        of_table.setdefault(row["model"], {})[row["split"]] = row["score"]
    return found


def ratio(of_table: dict[str, dict[int, float]], ours: str, rival: str) -> np.ndarray:
    """Return the log ratio of each split that both were fitted on."""
    both = sorted(of_table[ours].keys() & of_table[rival].keys())
    return np.array([np.log(of_table[ours][k] / of_table[rival][k]) for k in both])


def interval(logs: np.ndarray) -> tuple[float, float, float]:
    """Return the geometric mean and the ends of its 95 % bootstrap interval over tables."""
    chance = np.random.default_rng(0)
    means = logs[chance.integers(0, len(logs), (DRAWS, len(logs)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(np.exp(logs.mean())), float(np.exp(low)), float(np.exp(high))


def markdown(rows: Rows, names: list[str], ours: str) -> str:
    """Return the three tables of the study."""
    found = {name: of for name, of in scores(rows).items() if name in names and ours in of}
    models = [ours, *dict.fromkeys(m for of in found.values() for m in of if m != ours)]
    lines = overall(rows, found, models, ours)
    heading = " | ".join(models)
    lines += ["", f"| table | {heading} | to {MAIN_RIVAL} ± s.e. | to the best rival |"]
    lines.append("|---" * (len(models) + 3) + "|")
    for name, of in found.items():
        mean = {model: np.mean([*of[model].values()]) for model in models if model in of}
        best = min((m for m in mean if m != ours), key=lambda m: mean[m])
        cells = []
        for model in models:
            text = f"{mean[model]:.4g}" if model in mean else ""
            cells.append(f"**{text}**" if model == best else text)
        main = ratio(of, ours, MAIN_RIVAL)
        error = main.std(ddof=1) / np.sqrt(len(main)) if len(main) > 1 else np.nan
        beside = np.exp(ratio(of, ours, best).mean())
        lines.append(
            f"| {name} | {' | '.join(cells)} | {np.exp(main.mean()):.3f} ± {error:.3f} "
            f"| {beside:.3f} |"
        )
    return "\n".join(lines)


def overall(rows: Rows, found: Any, models: list[str], ours: str) -> list[str]:
    lines = [
        "| | ratio of our score to it | interval | tables won, tied, lost "
        "| mean rank | CPU s to fit | CPU µs a predicted row |",
        "|---|---|---|---|---|---|---|",
    ]
    for model in models:
        ranks = [rank(of, model) for of in found.values() if model in of]
        of_model = [row for row in rows if row["model"] == model and row["table"] in found]
        times = f"{np.median([r['fit'] for r in of_model]):.2f}"
        times += f" (max {max(r['fit'] for r in of_model):.1f})"
        speed = f"{np.median([r['predict'] for r in of_model]):.0f}"
        logs = np.array([ratio(of, ours, model).mean() for of in found.values() if model in of])
        middle, low, high = interval(logs)
        won = int((logs < np.log(1 - TIE)).sum())
        lost = int((logs > np.log(1 + TIE)).sum())
        beside = f"{middle:.3f} | {low:.3f} to {high:.3f} | {won}, {len(logs) - won - lost}, {lost}"
        if model == ours:
            beside = " | | "
        lines.append(f"| {model} | {beside} | {np.mean(ranks):.2f} | {times} | {speed} |")
    return lines


def rank(of: dict[str, dict[int, float]], model: str) -> float:
    mean = {name: np.mean([*splits.values()]) for name, splits in of.items()}
    return 1 + sum(mean[other] < mean[model] for other in mean)
