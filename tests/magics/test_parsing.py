import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.errors import MLOpsError
from mlops_magics.errors.request import BadLine
from mlops_magics.magics.parsing import Piece, Token, quote, tokenize


def texts(line: str) -> list[str]:
    return [token.text for token in tokenize(line).tokens]


def only(line: str) -> Token:
    (token,) = tokenize(line).tokens
    return token


def test_words_are_divided_at_any_blank():
    assert texts("  churn\tpromote  v2 ") == ["churn", "promote", "v2"]


def test_an_empty_line_has_no_tokens_and_is_not_silent():
    assert tokenize("   ").tokens == ()
    assert not tokenize("").silent


def test_a_token_says_where_it_starts():
    assert [token.position for token in tokenize('ab  "c d" {e}').tokens] == [0, 4, 10]


def test_a_note_behind_a_hash_is_ignored():
    assert texts("churn --note fine # best so far {") == ["churn", "--note", "fine"]
    assert texts("# only a note") == []


def test_a_hash_inside_a_word_or_quotes_is_a_letter():
    assert texts("colour=#ff0000 C# '# 1'") == ["colour=#ff0000", "C#", "# 1"]


@pytest.mark.parametrize(
    "line", ["today;", "today ;", "today ; # note", "today; # note", "today ;; ", "today # note;"]
)
def test_a_semicolon_at_the_end_means_do_not_show(line):
    assert tokenize(line).silent
    assert texts(line) == ["today"]


@pytest.mark.parametrize("line", ["a;b", "'today;'", "today;#x", "; today"])
def test_a_semicolon_elsewhere_is_a_letter(line):
    assert not tokenize(line).silent


def test_a_quoted_word_remembers_that_it_was_quoted():
    assert only('"big file.parquet"') == Token((Piece("big file.parquet", "quoted"),), 0)
    assert only("'drift'").quoted
    assert not only("drift").quoted
    assert only('""').quoted


def test_quotes_open_only_at_the_start_of_a_word_or_after_an_equals_sign_or_a_comma():
    assert texts("""it's 5" o'clock""") == ["it's", '5"', "o'clock"]
    assert texts("""contract="Month to month",'a b' """) == ["contract=Month to month,a b"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (r'"C:\data\new.csv"', r"C:\data\new.csv"),
        (r'"say \"hi\""', 'say "hi"'),
        (r'"C:\data\\"', "C:\\data\\"),
        (r"'it\'s'", "it's"),
        (r"'say \"hi\"'", r"say \"hi\""),
        (r'"a\\b"', r"a\\b"),
        (r'"\\\""', '\\"'),
    ],
)
def test_a_backslash_is_itself_except_before_the_same_quote(line, text):
    assert only(line).text == text


@pytest.mark.parametrize(
    ("line", "expression"),
    [
        ("{telco}", "telco"),
        ("{ telco }", "telco"),
        ("{telco[telco.tenure > 3]}", "telco[telco.tenure > 3]"),
        ("{dict(a={'b': 1})}", "dict(a={'b': 1})"),
        ("{df.query(\"name == '}'\")}", "df.query(\"name == '}'\")"),
        ("{f'{x}}}'}", "f'{x}}}'"),
        ('{"tenure": 3, "plan": {"a": 1}}', '{"tenure": 3, "plan": {"a": 1}}'),
        ("{**row, 'tenure': 3}", "{**row, 'tenure': 3}"),
        ("{{'tenure': 3}}", "{'tenure': 3}"),
        ("{}", "{}"),
    ],
)
def test_braces_go_up_to_the_brace_at_which_python_can_read_them(line, expression):
    token = only(line)

    assert token.braces
    assert token.text == expression


def test_two_expressions_in_a_line_are_two_tokens():
    assert texts("{a} {b}") == ["a", "b"]
    assert [token.braces for token in tokenize("{drift} drift").tokens] == [True, False]


def test_an_expression_with_an_odd_escape_does_not_warn():
    assert only(r"{re.compile('\d')}").text == r"re.compile('\d')"


def test_dollars_and_percent_signs_are_not_expanded():
    assert texts("{ok} $x $nope 10%") == ["ok", "$x", "$nope", "10%"]


def test_arrows_dashes_and_negative_numbers_are_plain_words():
    assert texts("a -> b -- c -1") == ["a", "->", "b", "--", "c", "-1"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            'churn contract="Month to',
            "the quote at character 16 ('\"Month to') is not closed. "
            'Next: put " where the text ends',
        ),
        (
            "churn {telco[0",
            "no Python expression ends behind the '{' at character 7 ('{telco[0'). "
            "Next: close it with '}', or put quotes around the text",
        ),
        (
            "churn_{i}",
            "a '{' inside a word, at character 7 ('{i}'). Next: put a blank before it for a "
            "Python expression, or quotes around the text",
        ),
        (
            '"a"b',
            "text touches the quote or brace before character 4 ('b'). "
            "Next: put a blank between them",
        ),
    ],
)
def test_an_unbalanced_line_names_the_place(line, message):
    with pytest.raises(BadLine) as caught:
        tokenize(line)

    assert str(caught.value) == message


def test_the_first_equals_sign_outside_quotes_divides_column_and_value():
    column, value = only('"a=b"="c=d"').divide()

    assert (column.text, value.text) == ("a=b", "c=d")


def test_nothing_behind_the_equals_sign_is_missing_and_empty_quotes_are_the_empty_text():
    assert only("plan=").divide()[1].pieces == ()
    assert only('plan=""').divide()[1].quoted


@pytest.mark.parametrize("line", ["plan", "=3", '"plan=3"', "{plan == 3}"])
def test_other_words_are_no_assignment(line):
    assert only(line).divide() is None


def test_a_list_is_divided_at_its_commas_outside_quotes():
    items = only('"Monthly, charges",tenure,,{x}').items()

    assert [item.text for item in items] == ["Monthly, charges", "tenure", "", "x"]
    assert [item.quoted for item in items] == [True, False, False, False]


# hypothesis writes the lines

PARTS = st.sampled_from(
    [*"\"'{}=,;#\\- \t\n$@:\x00", "--data", "churn", "a=", '""', "{x}", "v2", "é"]
)
LINES = st.one_of(st.text(max_size=80), st.lists(PARTS, max_size=25).map("".join))


@given(LINES)
def test_any_line_is_read_or_refused_in_one_line(line):
    refusal, tokens = "", ()
    try:
        tokens = tokenize(line).tokens
    except MLOpsError as error:
        refusal = str(error)

    assert "\n" not in refusal
    assert all(token.pieces for token in tokens)


@given(LINES, LINES)
def test_a_note_behind_a_line_changes_nothing(line, note):
    try:
        tokens = tokenize(line + " ").tokens
    except MLOpsError:
        return
    assert tokenize(f"{line} # {note}").tokens == tokens


@given(st.lists(st.text(max_size=12), max_size=6))
def test_every_text_can_be_written_so_that_it_is_read_back(words):
    assert texts(" ".join(map(quote, words))) == words


PLAIN = st.text("abcé-.:@$%'\"_1", min_size=1, max_size=6).filter(lambda text: text[0] not in "\"'")
QUOTED = st.text(max_size=10)
EXPRESSIONS = st.sampled_from(
    ["x", "df[df.a == '}']", "{'a': {1: 2}}", "[i for i in {1, 2}]", "a=='\"'"]
)
PIECES = st.one_of(
    PLAIN.map(lambda text: Piece(text, "plain")),
    QUOTED.map(lambda text: Piece(text, "quoted")),
    EXPRESSIONS.map(lambda text: Piece(text, "braces")),
)


def render(piece: Piece) -> str:
    """Write a piece; a blank makes `quote` use quotes where it would need none."""
    if piece.kind == "braces":
        return f"{{{piece.text}}}"
    return quote(f" {piece.text}").replace('" ', '"', 1) if piece.kind == "quoted" else piece.text


@given(st.lists(st.lists(PIECES, min_size=1, max_size=4), max_size=5))
def test_a_list_of_tokens_that_is_written_out_is_read_back(tokens):
    line = "  ".join(",".join(map(render, pieces)) for pieces in tokens)

    read = tokenize(line).tokens

    assert [[item.pieces for item in token.items()] for token in read] == [
        [(piece,) for piece in pieces] for pieces in tokens
    ]


@given(PIECES, PIECES)
def test_an_assignment_that_is_written_out_is_read_back(column, value):
    divided = only(f"{render(column)}={render(value)}").divide()

    assert (divided[0].pieces, divided[1].pieces) == ((column,), (value,))
