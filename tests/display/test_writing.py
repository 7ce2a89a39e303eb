"""How names that nobody has read before get into a page."""

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.display.grid import Grid
from mlops_magics.display.page import Code, Headline, Line, page
from mlops_magics.display.writing import html, short
from mlops_magics.errors.error import printable

INVISIBLE = re.compile("[\x00-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Tags(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)


def tags(source: str) -> list[str]:
    parser = Tags()
    parser.feed(source)
    return parser.seen


@given(st.text(max_size=80))
def test_no_name_adds_a_tag_or_hides_a_character(name):
    name = f"x{name}"
    drawn = page(Headline(name, name), Line(name, name), Grid((name,), [[name]], "l"), Code(name))
    plain = page(Headline("a", "a"), Line("a", "a"), Grid(("a",), [["a"]], "l"), Code("a"))

    assert [t for t in tags(drawn.html) if t != "bdi"] == tags(plain.html)
    assert INVISIBLE.search(printable(name)) is None
    assert INVISIBLE.search(drawn.text.replace("\n", "")) is None


def test_a_text_from_right_to_left_does_not_turn_its_neighbours():
    assert html("שם") == "<bdi>שם</bdi>"
    assert html("that it is שם טוב: 30 %") == "<bdi>that it is <bdi>שם טוב</bdi>: 30 %</bdi>"
    assert html("اسم: 1 outside") == "<bdi><bdi>اسم</bdi>: 1 outside</bdi>"
    assert html("30 µs – ü") == "<bdi>30 µs – ü</bdi>"
    assert printable("user\u202egpj.exe") == "user\\u202egpj.exe"
    assert printable("क्\u200dष") == "क्\u200dष"  # a joiner is part of the word


def test_a_name_of_three_hundred_characters_keeps_begin_and_end_and_is_whole_on_hover():
    name = "first" + "x" * 290 + "final"
    grid = Grid(("feature",), [[name]], "l")

    assert short(name).startswith("firstxxx")
    assert short(name).endswith("xxxfinal")
    assert len(short(name)) == 30
    assert f'title="{name}"' in grid.html()
    assert name not in grid.text()


def test_a_line_end_in_a_name_leaves_the_table_one_line_a_row():
    grid = Grid(("feature", "kind"), [["a\nb", "number"], ["c", "text"]], "ll")

    assert grid.text() == "feature  kind\na\\nb     number\nc        text"
