"""A model card as a file: Markdown and HTML that say the same as the page."""

import html.parser
import importlib.util
from pathlib import Path

import pytest

from mlops_magics.display.document import card_document, to_markdown
from mlops_magics.display.grid import Bars, Drawn, Grid
from mlops_magics.display.page import Code, Headline, Line

SPEC = importlib.util.spec_from_file_location("samples", Path(__file__).with_name("samples.py"))
MADE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MADE)


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.words = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def test_the_markdown_has_every_section_and_nothing_of_the_users_is_markup():
    text = card_document(MADE.CARD, ".md")

    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        "# late@v1 · production · AUC 0.74",
        "## Limits",
        "## How good, class by class",
        "## Training",
        "## Where it comes from",
        "## What it takes",
        "## History",
        "## Retraining",
        "## Made with",
    ]
    outside_code = text.split("```")[0] + text.split("```")[-1]
    assert "<script" not in outside_code
    assert "promoted past its gates \\(calibrated\\), because &lt;script\\>" in text
    assert "| git commit | cccccccccccc |" in text
    assert "30 Dec 2013" in text


def test_the_html_stands_alone_and_runs_and_loads_nothing():
    reader = Reader()
    reader.feed(card_document(MADE.CARD, ".html"))

    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "link", "iframe", "object"}
    sources = [attrs["src"] for tag, attrs in reader.tags if tag == "img"]
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert any("What it takes" in words for words in reader.words)
    assert not any(name.startswith("on") for _, attrs in reader.tags for name in attrs)


def test_a_table_keeps_what_is_drawn_and_leaves_out_pictures():
    grid = Grid(("a|b", "when", "picture"), [["x`y", Drawn("5 Jan"), Bars((1.0,))]], "rll")

    assert to_markdown([grid]) == "| a\\|b | when |\n| ---: | --- |\n| x\\`y | 5 Jan |\n"


def test_code_with_fences_inside_stays_code():
    text = to_markdown(
        [Headline("a", "# b"), Code("x = '''\n````\n'''"), Line("see", "%model `a`")]
    )

    assert text == "# a \\# b\n\n`````python\nx = '''\n````\n'''\n`````\n\nsee ``%model 'a'``\n"


@pytest.mark.parametrize("form", [".md", ".html"])
def test_the_card_of_a_model_made_elsewhere_is_a_document_too(form):
    card = MADE.SAMPLES["a card of theirs"]

    assert "late@v1" in card_document(card, form)
