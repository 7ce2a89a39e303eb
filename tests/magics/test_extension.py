"""Loading, loading again and unloading."""

import pytest


def hooks(shell):
    """Everything of a shell that the extension may touch."""
    formatter = shell.display_formatter.ipython_display_formatter
    return {
        "magics": {kind: set(names) for kind, names in shell.magics_manager.magics.items()},
        "registry": set(shell.magics_manager.registry),
        "events": {name: list(called) for name, called in shell.events.callbacks.items()},
        "matchers": list(shell.Completer.custom_matchers),
        "transformers": list(shell.input_transformers_cleanup),
        "last expression": shell.display_trap.hook,
        "types": {t for t in formatter.type_printers if "mlops" in t.__module__},
        "names": {name for name in formatter.deferred_printers if "mlops" in name[0]},
    }


@pytest.fixture
def used(shell):
    """A shell whose hooks have been at work: what it had deferred is in place."""
    for cell in ("rows = {'x': [1, 2]}", "card = %workspace", "card", "display(card)", "%model;"):
        assert shell.run_cell(cell).success
    return shell


def test_unloading_leaves_nothing_behind(used):
    before_loading = hooks(used)
    used.run_line_magic("unload_ext", "mlops_magics")
    without = hooks(used)

    used.run_line_magic("load_ext", "mlops_magics")
    assert used.run_cell("card = %workspace\ncard").success
    assert used.run_cell("display(card)").success
    with_it = hooks(used)
    used.run_line_magic("unload_ext", "mlops_magics")

    assert hooks(used) == without
    assert without["types"] == without["names"] == set()
    assert "mlops" not in str(without)
    for what, count in (("matchers", 1), ("transformers", 2)):
        assert len(with_it[what]) == len(before_loading[what]) == len(without[what]) + count


def test_loading_twice_and_reloading_add_nothing(used):
    once = hooks(used)
    used.forget()

    used.run_line_magic("load_ext", "mlops_magics")
    used.run_line_magic("reload_ext", "mlops_magics")

    again = hooks(used)
    assert {what: len(again[what]) for what in again if what != "last expression"} == {
        what: len(once[what]) for what in once if what != "last expression"
    } | {"types": 0, "names": len(again["names"])}
    assert [bundle["text/plain"][:16] for bundle in used.displayed] == ["mlops_magics 0.1"]
    used.forget()
    assert used.run_cell("%model\n%model;").success
    assert len(used.displayed) == 1


def test_after_unloading_a_result_shows_itself_as_python_does(used):
    used.run_line_magic("unload_ext", "mlops_magics")
    used.forget()

    assert used.run_cell("card").success

    assert used.displayed[0]["text/plain"].startswith("Overview(")


def test_a_hook_that_somebody_has_taken_since_is_left_to_them(used):
    def theirs(result=None):
        pass

    used.display_trap.hook = theirs
    used.run_line_magic("unload_ext", "mlops_magics")

    assert used.display_trap.hook is theirs


def test_a_workspace_that_cannot_be_read_is_said_in_the_greeting(shell, tmp_path, monkeypatch):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "<b>thesis").write_text("mine")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "theirs"))
    shell.run_line_magic("unload_ext", "mlops_magics")
    shell.forget()

    shell.run_line_magic("load_ext", "mlops_magics")

    (said,) = shell.displayed
    assert "it holds '<b>thesis' and no catalog.db" in said["text/plain"]
    assert "&lt;b&gt;thesis" in said["text/html"]
    assert "<b>thesis" not in said["text/html"]
