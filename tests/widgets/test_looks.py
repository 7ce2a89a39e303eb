"""What nobody would choose to show: long names, markup, many values, and nothing yet."""

import numpy as np
import pandas as pd
import pytest

from mlops_magics.monitoring.reports import Event
from mlops_magics.workspace import Workspace, watching

pytestmark = pytest.mark.browser

ODD = f"<img src=x onerror=alert(1)>\u202e עמודה {'x' * 260}"
FEATURES, CLASSES, EVENTS = 60, 1000, 120
DAY0, HOUR = 1_772_323_200_000_000, 3_600_000_000
THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})"
THEME_SHOWN = """light => document.body.dataset.jpThemeLight === String(light)
    && !document.getElementById('jupyterlab-splash')"""
TOO_WIDE = """() => [...document.querySelectorAll('.mlops, .mlops-controls')]
    .filter(part => part.scrollWidth > part.clientWidth + 1).length"""
# The contrast of each text with what is behind it, as WCAG computes it; the palest first.
PALEST = """() => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = node => {
        for (let up = node; up; up = up.parentElement) {
            const found = parts(getComputedStyle(up).backgroundColor);
            if (found.length === 3 || found[3] > 0) return found;
        }
        return [255, 255, 255];
    };
    const seen = (node, ink, paper) => {
        let clear = ink[3] ?? 1;
        for (let up = node; up; up = up.parentElement) clear *= getComputedStyle(up).opacity;
        return ink.slice(0, 3).map((c, i) => c * clear + paper[i] * (1 - clear));
    };
    const found = [];
    for (const node of document.querySelectorAll('.mlops *, .mlops-controls *')) {
        const says = [...node.childNodes].some(c => c.nodeType === 3 && c.data.trim());
        if (!says || node.tagName === 'STYLE' || !node.offsetParent) continue;
        const paper = behind(node), ink = seen(node, parts(getComputedStyle(node).color), paper);
        const [high, low] = [light(ink), light(paper)].sort((a, b) => b - a);
        found.push([(high + 0.05) / (low + 0.05), node.textContent.slice(0, 40)]);
    }
    return found.sort((a, b) => a[0] - b[0])[0];
}"""


def odd_workspace(folder):
    """Make a workspace with a model made elsewhere, whose names nobody would choose."""
    chance = np.random.default_rng(0)
    names = [f"{ODD}{number}" for number in range(FEATURES)]
    base = pd.DataFrame(chance.normal(size=(400, FEATURES)), columns=names)
    base[names[0]] = chance.choice([f"{ODD}a", f"{ODD}b"], 400)
    workspace = Workspace(folder / ".mlops")
    for number in range(EVENTS):
        event = Event(
            model_id="wide", version="v1", features=base.iloc[number].to_dict(),
            prediction=f"{ODD}{number * CLASSES // EVENTS}", confidence=0.5, latency_ms=1.0,
            event_time=DAY0 + number * HOUR,
        )  # fmt: skip
        workspace.monitoring.record_inference(event)
    base["prediction"] = [f"{ODD}{number}" for number in chance.integers(0, CLASSES, 400)]
    watching.learn_baseline(workspace, "wide", base)
    workspace.close()


def test_odd_names_in_number_are_text_that_fits_and_can_be_read_in_both_themes(notebook, page):
    page.set_viewport_size({"width": 700, "height": 1000})
    opened = notebook("%load_ext mlops_magics", "%monitor wide live --every 1s")
    odd_workspace(opened.lab.root / opened.path.split("/")[0])

    opened.run()
    opened.wait_for("120 predictions")
    palest = {}
    for light, theme in ((True, "JupyterLab Light"), (False, "JupyterLab Dark")):
        page.evaluate(THEME, theme)
        page.wait_for_function(THEME_SHOWN, arg=light)
        palest[theme] = page.evaluate(PALEST)

    assert all(contrast >= 4 for contrast, _ in palest.values()), palest
    assert page.evaluate(TOO_WIDE) == 0
    assert opened.count(".mlops img[onerror], .mlops-controls img") == 0
    assert opened.count("select[name=by] option") == 2


@pytest.mark.slow
def test_a_model_that_has_answered_nothing_and_then_once_is_followed(notebook):
    opened = notebook(
        "%load_ext mlops_magics\nrows = {'x': [1.0, 2.0, 3.0, 4.0] * 20, 'y': ['a', 'b'] * 40}",
        "%train new --data rows --target y --epochs 2 ;",
        "%monitor new live --every 1s",
        "%predict new x=1.0 ;",
    )

    opened.run()

    opened.wait_for("1 prediction")
