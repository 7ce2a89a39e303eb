"""Two notebooks on one workspace at once: one trains, the other predicts and defines views."""

import pytest

ROWS = """
import pandas as pd
rows = pd.DataFrame({
    "customer_id": [f"C{place:03d}" for place in range(60)],
    "tenure": [place % 12 for place in range(60)],
    "churned": [("yes", "no")[place % 3 == 0] for place in range(60)],
})
"""
TRAIN = """
for _ in range(5):
    %train churn --data rows --target churned ;
    %train other --data rows --target churned ;
"""
PREDICT = """
for turn in range(20):
    %predict churn rows ;
    answer = %predict churn tenure=3 ;
    sql = f"SELECT customer_id, tenure + {turn % 4} AS tenure FROM rows"
    get_ipython().run_cell_magic("features", "usage --key customer_id", sql + "\\n;")
"""


@pytest.fixture
def second(kernel):
    """Another kernel on the same workspace."""
    second = type(kernel)(kernel.folder)
    yield second
    second.close()


def run(kernel, cell):
    """Run a cell that must not fail, and return what its last expression printed."""
    outputs = kernel.run(cell, timeout=300)
    assert [out["evalue"] for out in outputs if out["output_type"] == "error"] == []
    return [out["text"] for out in outputs if out.get("name") == "stdout"]


def test_nothing_is_lost_and_each_sees_what_the_other_wrote(kernel, second):
    for each in (kernel, second):
        run(each, "%load_ext mlops_magics")
        run(each, ROWS)
    run(kernel, "%train churn --data rows --target churned ;")

    trained, predicted = kernel.start(TRAIN), second.start(PREDICT)
    assert trained()["status"] == predicted()["status"] == "ok"

    count = (
        "names = {}\n"
        "for model in (%s):\n"
        "    found = get_ipython().run_line_magic('model', f'{model} ;')\n"
        "    names[model] = [version.version for version in found.versions]\n"
        "print(names)"
    )
    expected = {
        "churn": [f"v{number}" for number in range(1, 7)],
        "other": [f"v{number}" for number in range(1, 6)],
    }
    for each in (kernel, second):
        assert run(each, count % "'churn', 'other'") == [f"{expected}\n"]
        run(each, "seen = %monitor churn metrics ;")
        assert run(each, "print(seen.count)") == [f"{20 * 61}\n"]
        run(each, "report = %features usage ;")
        assert run(each, "print(len(report.view.versions), report.view.row_count)") == ["20 60\n"]
    run(second, "seen = %workspace ;")
    assert run(second, "print(seen.open_in)") == [f"({kernel.process_id},)\n"]
