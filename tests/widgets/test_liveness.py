"""Who gets a live view, and who one static page."""

from mlops_magics.widgets import can_be_live

ASK = "from mlops_magics.widgets import can_be_live; print(can_be_live(get_ipython()))"


def test_a_terminal_has_no_live_view(shell):
    assert not can_be_live(shell)


def test_a_cell_that_no_front_end_names_has_no_live_view(kernel):
    (output,) = kernel.run(ASK)  # as nbclient, nbval and papermill send it

    assert output["text"].strip() == "False"
