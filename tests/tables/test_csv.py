"""A CSV file is read as it stands; what is doubtful stays a text, and what was mended is said."""

import csv
import datetime as dt
import gzip
import io
import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mlops_magics.errors.tables import DuplicateColumns, EmptyTable, UnreadableTable
from mlops_magics.tables import Sandbox, read_table


@pytest.fixture
def read(tmp_path):
    """Read a CSV file of this text, or of these bytes."""

    def read(content, name="data.csv"):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(file)

    return read


def lists(table):
    return {name: column.to_list() for name, column in table.columns.items()}


def test_a_byte_order_mark_is_no_part_of_the_first_name(read):
    table = read("\ufeffRate,rate,a[0]\n1,2,x\n,3,y\n")

    assert lists(table) == {"Rate": [1, None], "rate": [2, 3], "a[0]": ["x", "y"]}
    assert table.repairs == ()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_file_is_read_whatever_separates_its_columns(read, separator):
    lines = [["Name", "name", "n"], ["Zoë", "解", "9007199254740993"], ["Ada", "", "2"]]

    table = read("".join(separator.join(line) + "\r\n" for line in lines))

    assert lists(table) == {"Name": ["Zoë", "Ada"], "name": ["解", None], "n": [2**53 + 1, 2]}


def test_the_case_of_the_issue_says_what_looks_like_numbers_and_days_and_converts_nothing(read):
    head = '\ufeffcity,amount,price,when,y\nOslo,"1,234","1 234,50 kr",03/04/2026,1\n'
    rest = 'Rome,"2,001","9,99 kr",04/03/2026,0\n' + 'Oslo,"3,100","12,00 kr",05/06/2026,1\n' * 40

    table = read(head + rest)

    assert table.names == ("city", "amount", "price", "when", "y")
    assert table.column("amount").to_list()[:2] == ["1,234", "2,001"]
    assert table.column("when").to_list()[:2] == ["03/04/2026", "04/03/2026"]
    assert table.repairs == (
        "'amount' looks like a number in 42 of 42 rows: read as text, "
        "TRY_CAST(regexp_replace(\"amount\", '[^0-9.+-]', '', 'g') AS DOUBLE) "
        "reads '1,234' as 1234",
        "'price' looks like a number in 42 of 42 rows: read as text, "
        "TRY_CAST(replace(regexp_replace(\"price\", '[^0-9,+-]', '', 'g'), ',', '.') AS DOUBLE) "
        "reads '1 234,50 kr' as 1234.5",
        "'when' looks like a time in 42 of 42 rows: read as text, "
        "try_strptime(\"when\", '%d/%m/%Y') reads '03/04/2026' as 2026-04-03 00:00:00, "
        "or try_strptime(\"when\", '%m/%d/%Y') reads '03/04/2026' as 2026-03-04 00:00:00",
    )


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1,234", "2,001"], [1234.0, 2001.0]),
        (["12 %", "7%"], [12.0, 7.0]),
        (["$5", "$1,200.50"], [5.0, 1200.5]),
        (["10 EUR", "-3 EUR"], [10.0, -3.0]),
        (["1.234.567", "2.000.000"], [1234567.0, 2000000.0]),
        (["1.234,5 €", "7,25 €"], [1234.5, 7.25]),
        (["1 234", "12 000"], [1234.0, 12000.0]),
        (["$5", "$60", "unknown"], [5.0, 60.0, None]),
    ],
)
def test_what_is_said_to_read_numbers_reads_them(read, texts, values):
    out = io.StringIO()
    csv.writer(out).writerows([["it's"], *([text] for text in texts)])
    table = read(out.getvalue())

    assert table.column("it's").to_list() == texts
    (line,) = table.repairs
    assert line.startswith('"it\'s" looks like a number in ')
    sandbox = Sandbox()
    sandbox.add_table("t", table)
    advised = re.search(r"read as text, (.*) reads '", line)[1]
    assert sandbox.run(f"SELECT {advised} AS v FROM t").column("v").to_list() == values


@pytest.mark.parametrize(
    ("texts", "forms"),
    [
        (["31.12.2024", "01.02.2023"], ["%d.%m.%Y"]),
        (["1/13/24", "2/2/24"], ["%m/%d/%y"]),
        (["03-04-2026", "05-06-2026"], ["%d-%m-%Y", "%m-%d-%Y"]),
    ],
)
def test_days_are_never_guessed_but_the_orders_that_are_possible_are_named(read, texts, forms):
    table = read("d\n" + "\n".join(texts) + "\n")

    assert table.column("d").to_list() == texts
    assert re.findall(r"'(%[^']+)'\) reads", table.repairs[0]) == forms


def test_days_with_the_year_first_and_days_that_no_calendar_has_are_texts(read):
    slashed = read("d\n2024/01/05\n2024/02/06\n")
    wrong = read("d\n2024-02-30\n2024-01-01\n")

    assert slashed.repairs == (
        "'d' looks like a time in 2 of 2 rows: read as text, "
        "TRY_CAST(replace(\"d\", '/', '-') AS TIMESTAMP) reads '2024/01/05' as 2024-01-05 00:00:00",
    )
    assert wrong.column("d").to_list() == ["2024-02-30", "2024-01-01"]
    assert wrong.repairs[0].startswith("'d' looks like a time in 2 of 2 rows: read as text, ")


@pytest.mark.parametrize(
    "texts", [["+47 22 33 44", "+47 11 11 11"], ["10.0.0.1", "10.0.0.2"], ["1.2.3", "1.2.4"],
              ["A1", "B2"], ["12a", "3b"], ["ABC123", "XYZ9"], ["5 km", "7 km"]]
)  # fmt: skip
def test_telephones_addresses_and_codes_are_texts_without_a_word(read, texts):
    table = read("x,n\n" + "".join(f"{text},1\n" for text in texts))

    assert table.column("x").to_list() == texts
    assert table.repairs == ()


def test_a_comma_that_stands_before_two_digits_is_a_decimal_comma_and_that_is_said(read):
    table = read("price;n\n9,99;1\n1234,5;2\n7;3\n")

    assert lists(table) == {"price": [9.99, 1234.5, 7.0], "n": [1, 2, 3]}
    assert table.repairs == ("'price' has decimal commas in 2 rows ('1234,5'): read so",)


def test_words_for_nothing_are_missing_among_numbers_and_stay_texts_among_texts(read):
    table = read("n,t,b,region\n1,2024-01-01,true,NA\n?,n/a,-,EU\nNA,2024-01-02,False,NA\n")

    assert table.column("n").to_list() == [1, None, None]
    assert table.column("t").kind == "time"
    assert table.column("b").to_list() == [True, None, False]
    assert table.column("region").to_list() == ["NA", "EU", "NA"]
    assert table.repairs == (
        "2 values in 'n' read as missing ('?', 'NA')",
        "1 value in 't' read as missing ('n/a')",
        "1 value in 'b' read as missing ('-')",
        "'region' holds 'NA' in 2 rows: read as a text, NULLIF(\"region\", 'NA') makes it missing",
    )


def test_a_column_of_nothing_but_words_for_nothing_is_missing(read):
    table = read("v,n\n-,1\n?,2\n")

    assert table.column("v").to_list() == [None, None]
    assert table.repairs == ("2 values in 'v' read as missing ('-', '?')",)


def test_leading_zeros_and_integers_beyond_64_bits_keep_their_digits(read):
    table = read("zip,n\n0150,123456789012345678901\n5003,1\n")

    assert lists(table) == {"zip": ["0150", "5003"], "n": ["123456789012345678901", "1"]}
    assert table.repairs == (
        "'zip' has leading zeros in 1 row ('0150'): read as text",
        "'n' has integers beyond 64 bits: read as text",
    )


def test_integers_stay_exact_to_the_last_of_64_bits_and_are_counted_where_fractions_round_them(
    read,
):
    exact = read(f"n\n{2**63 - 1}\n{-(2**63)}\n\n")
    beside = read("n,m\n9007199254740993,1\n0.5,2\n")

    assert exact.column("n").to_list() == [2**63 - 1, -(2**63), None]
    assert beside.column("n").to_list() == [float(2**53), 0.5]
    assert beside.repairs == ("1 value in 'n' has more digits than a number holds: rounded",)


def test_infinite_values_are_counted_and_missing(read):
    table = read("x,y\ninf,1\n-Infinity,2\n1.5,3\n")

    assert table.column("x").to_list() == [None, None, 1.5]
    assert table.repairs == ("2 infinite values in 'x' read as missing",)


def test_times_are_read_where_they_are_iso_and_one_without_a_zone_is_utc_and_said(read):
    table = read("day,naive,zoned\n2024-01-01,2024-01-01 10:00,2024-01-01T10:00:00.5+02:00\n")

    assert table.rows() == [
        {
            "day": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
            "naive": dt.datetime(2024, 1, 1, 10, tzinfo=dt.UTC),
            "zoned": dt.datetime(2024, 1, 1, 8, 0, 0, 500_000, dt.UTC),
        }
    ]
    assert table.repairs == ("times in 'naive' have no zone: read as UTC",)


def test_rows_that_are_too_short_or_too_long_are_counted_with_the_line_of_the_first(read):
    table = read('a,b\n1,"x\ny"\n3\n4,5,6\n7,8,\n9\n')

    assert lists(table) == {"a": [1, 3, 7, 9], "b": ["x\ny", None, "8", None]}
    assert table.repairs == (
        "2 rows have fewer fields than the header (first: line 4): the others are missing",
        "1 row has more fields than the header (first: line 5): left out",
    )


def test_a_comma_at_the_end_of_every_line_is_no_column(read):
    assert lists(read("a,b,\n1,2,\n3,4,\n")) == {"a": [1, 3], "b": [2, 4]}
    assert read("a,b,\n1,2,\n").repairs == ("the last column has no name and no value: left out",)


def test_a_column_without_a_name_is_called_by_its_place(read):
    table = read(",a\n0,x\n1,y\n")

    assert lists(table) == {"column1": [0, 1], "a": ["x", "y"]}
    assert table.repairs == ("1 column has no name: called column1",)


@pytest.mark.parametrize(
    "content", ["1,2\n3,4\n", "Oslo,2024-01-01\nRome,2024-01-02\n", "x,7.5\ny,\n"]
)
def test_a_file_without_a_header_loses_no_row_and_that_is_said(read, content):
    table = read(content)

    assert table.names == ("column1", "column2")
    assert table.row_count == 2
    assert table.repairs == ("the file has no header: its columns are called column1, column2, …",)


@pytest.mark.parametrize("content", ["name,2020\n1,3\n2,4\n", "a,b\nx,y\n", "2020,b\nx,1\ny,2\n"])
def test_a_word_above_numbers_is_a_name(read, content):
    table = read(content)

    assert list(table.names) == content.splitlines()[0].split(",")


def test_blank_lines_are_no_rows_but_in_a_file_of_one_column_where_they_are_missing_values(read):
    assert lists(read("\n\na,b\n\n1,2\n\n")) == {"a": [1], "b": [2]}
    assert lists(read("a\n1\n\n3\n")) == {"a": [1, None, 3]}


def test_a_quoted_field_may_hold_separators_quotes_and_lines(read):
    table = read('a,b\n"x\r\n""y"", z",1\n')

    assert table.rows() == [{"a": 'x\r\n"y", z', "b": 1}]


def test_a_quote_that_is_never_closed_and_a_name_twice_are_refused(read, tmp_path):
    with pytest.raises(UnreadableTable) as refused:
        read('a,b\n"x,1\nz,2\n')
    with pytest.raises(DuplicateColumns, match=r"^the table has 2 columns named 'a'. Next: "):
        read("a,a\n1,2\n")

    file = str(tmp_path / "data.csv")
    assert str(refused.value) == (
        f"the file {file!r} cannot be read as a table: "
        "line 3: a quote is opened and never closed. Next: open it and check its first lines"
    )


@pytest.mark.parametrize(
    ("content", "what"), [("", "columns"), ("\n \n", "rows"), ("a,b\n", "rows")]
)
def test_a_file_without_rows_is_refused(read, content, what):
    with pytest.raises(EmptyTable, match=f"^the table has no {what}. Next: "):
        read(content)


def test_lines_that_are_not_utf8_are_windows_letters_and_are_counted(read):
    table = read("a,b\nå €,1\n".encode("cp1252") + "Zoë,2\n".encode())

    assert table.column("a").to_list() == ["å €", "Zoë"]
    assert table.repairs == ("1 line is not UTF-8: read as Windows-1252",)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_and_utf_32_are_known_by_their_beginning(read, encoding):
    table = read("a,b\nå解,1\n".encode(encoding))

    assert table.rows() == [{"a": "å解", "b": 1}]
    assert table.repairs == (f"the file is {encoding.upper()}: read as that",)


def test_a_packed_file_is_unpacked_and_one_that_is_none_is_refused(read):
    assert read(gzip.compress(b"a,b\n1,2\n"), "data.csv.gz").rows() == [{"a": 1, "b": 2}]

    with pytest.raises(UnreadableTable, match="Not a gzipped file"):
        read(b"a,b\n1,2\n", "other.csv.gz")


def test_a_tsv_is_divided_by_tabs_whatever_else_it_holds(read):
    assert read("a,b\tc\n1,5\tx\n", "data.tsv").names == ("a,b", "c")


fields = st.text(st.sampled_from("ab1,;\t\"'\n\r é解 "), max_size=6)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(fields, min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_pythons_writer_writes_is_read_field_by_field(read, rows):
    # a column of other than texts is read as what it is
    rows = [[f"x{field}" if field else "" for field in row] for row in rows]
    assume(any(field for row in rows for field in row))
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *rows])

    table = read(out.getvalue())

    for place, name in enumerate("abc"):
        texts = [row[place] or None for row in rows]
        assert table.column(name).to_list() == (texts if any(texts) else [None] * len(rows))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(fields, min_size=2, max_size=2), min_size=1, max_size=6))
def test_a_ragged_row_changes_nothing_of_the_others(read, rows):
    rows = [[f"x{field}", f"y{field}"] for field, _ in rows]
    out = io.StringIO()
    csv.writer(out).writerows([["a", "b"], *rows])

    regular, ragged = read(out.getvalue()), read(out.getvalue() + "x\n")

    assert ragged.rows() == [*regular.rows(), {"a": "x", "b": None}]
