"""Lists as people have them: encodings, delimiters, headings, broken rows."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.audience.csv_reader import COLUMNS, find_meaning, read_layout
from digest.audience.importer import escape_cell, unescape_cell, write_csv_lines
from digest.model.errors import ConfigError

PEOPLE = [
    ("lin@example.org", "林渡"),
    ("wang@example.org", "王小明"),
    ("chen@example.org", "陳怡君"),
    ("huang@example.org", "黃志豪"),
]
SIMPLE = [("li@example.org", "李静"), ("zhang@example.org", "张伟"), ("liu@example.org", "刘洋")]
JAPANESE = [("sato@example.org", "佐藤さくら"), ("suzuki@example.org", "鈴木一郎")]
LATIN = [("jose@example.org", "José Núñez"), ("mueller@example.org", "Jörg Müller")]


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


def table_of(people, heading="email,name"):
    return heading + "\n" + "".join(f"{email},{name}\n" for email, name in people)


def read(path, encoding=""):
    return [(row.line, dict(row.cells), row.fault) for row in read_layout(path, encoding).rows()]


def test_a_cell_that_a_spreadsheet_would_run_is_text_and_comes_back():
    for cell in ("=1+1", "+886 2", "-x", "@x", "\tx", " =x", "＝x"):
        assert escape_cell(cell) == f"'{cell}"
        assert unescape_cell(escape_cell(cell)) == cell
    assert escape_cell("lin@example.org") == "lin@example.org"
    assert unescape_cell("'quoted'") == "'quoted'"


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=4))
def test_no_line_of_an_export_starts_a_formula(rows):
    import csv

    for line, row in zip(write_csv_lines(rows), rows, strict=True):
        (cells,) = csv.reader([line]) if "\n" not in line[:-2] and "\r" not in line[:-2] else ([],)
        assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@"))]
        assert not cells or [unescape_cell(cell) for cell in cells] == row or "" in row


@pytest.mark.parametrize(
    ("people", "heading", "encoding", "told"),
    [
        (PEOPLE, "email,name", "utf-8", "UTF-8"),
        (PEOPLE, "電子郵件,姓名", "utf-8-sig", "UTF-8"),
        (PEOPLE, "電子郵件,姓名", "utf-16", "UTF-16"),
        (PEOPLE, "電子郵件,姓名", "utf-16-le", "UTF-16-LE"),
        (PEOPLE, "電子郵件,姓名", "utf-16-be", "UTF-16-BE"),
        (PEOPLE, "電子郵件,姓名", "big5", "Big5"),
        (PEOPLE, "email,name", "big5", "Big5"),
        (PEOPLE[:1], "email,name", "big5", "Big5"),
        (SIMPLE, "邮箱,姓名", "gb18030", "GB18030"),
        (SIMPLE[:1], "email,name", "gb18030", "GB18030"),
        (PEOPLE, "email,name", "gb18030", "GB18030"),
        (JAPANESE, "メール,氏名", "cp932", "Shift JIS"),
        (LATIN, "email,name", "cp1252", "Windows-1252"),
    ],
)
def test_an_encoding_is_found_out(people, heading, encoding, told, tmp_path):
    path = written(tmp_path, table_of(people, heading), encoding)
    assert read_layout(path).told.startswith(told)
    rows = [(cells["email"], cells["name"]) for _, cells, _ in read(path)]
    assert rows == people


def test_what_is_not_ascii_may_stand_far_down(tmp_path):
    many = "".join(f"r{n}@example.org,\n" for n in range(40_000))
    path = written(tmp_path, f"email,name\n{many}lin@example.org,林渡\n", "big5")
    assert read_layout(path).encoding == "cp950"
    assert read(path)[-1][1]["name"] == "林渡"


def test_an_encoding_can_be_told(tmp_path):
    path = written(tmp_path, table_of([("kim@example.org", "김철수")]), "cp949")
    assert read(path, "cp949")[0][1]["name"] == "김철수"
    with pytest.raises(ConfigError, match="no such encoding"):
        read_layout(path, "klingon")


def test_a_byte_that_does_not_belong_costs_its_row(tmp_path):
    path = tmp_path / "list.csv"
    good = table_of(PEOPLE).encode()
    path.write_bytes(good + b"bad@example.org,\xa4\xff\n" + b"last@example.org,x\n")
    found = read(path)
    assert [fault for _, _, fault in found if fault] == ["it holds bytes that are not UTF-8"]
    assert found[-2][0] == 6
    assert found[-1][1]["email"] == "last@example.org"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_delimiter_is_found_out(mark, tmp_path):
    path = written(tmp_path, f'name{mark}email\n"Lin, Du; x"{mark}lin@example.org\n')
    assert read(path) == [(2, {"name": "Lin, Du; x", "email": "lin@example.org"}, "")]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Email Address", "email"),
        ("E-Mail", "email"),
        ("電子郵件", "email"),
        (" 信箱 ", "email"),
        ("邮箱", "email"),
        ("メールアドレス", "email"),
        ("Ｅｍａｉｌ", "email"),
        ("FIRST_NAME", "given"),
        ("姓名", "name"),
        ("MEMBER_STATUS", "state"),
        ("OPTIN_TIME", "confirmed"),
        ("Phone", ""),
    ],
)
def test_a_heading_is_known_in_the_languages_and_tools_it_comes_from(heading, name):
    assert find_meaning(heading) == name


def test_no_heading_means_two_things():
    headings = [heading for names in COLUMNS.values() for heading in names]
    assert len(headings) == len(set(headings))


def test_two_columns_of_a_name_are_told_apart(tmp_path):
    path = written(tmp_path, "Email,First Name,Last Name\nlin@example.org,Du,Lin\n")
    assert read(path)[0][1] == {"email": "lin@example.org", "given": "Du", "family": "Lin"}


def test_a_list_without_a_header_is_read_by_its_addresses(tmp_path):
    path = written(tmp_path, "林渡,lin@example.org\n王小明,wang@example.org\n")
    assert [cells for _, cells, _ in read(path)] == [
        {"email": "lin@example.org"},
        {"email": "wang@example.org"},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,phone\nLin,1\n", "names no column of addresses"),
        ("", "names no column of addresses"),
        ("email,mail\na@example.org,b@example.org\n", "two columns may hold the address"),
    ],
)
def test_a_list_without_a_clear_address_is_refused(text, said, tmp_path):
    with pytest.raises(ConfigError, match=said):
        read_layout(written(tmp_path, text))


def test_a_spreadsheet_and_a_missing_file_are_told(tmp_path):
    (tmp_path / "list.xlsx").write_bytes(b"PK\3\4" + b"\xff" * 100)
    with pytest.raises(ConfigError, match="is a spreadsheet, not CSV"):
        read_layout(tmp_path / "list.xlsx")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_layout(tmp_path / "none.csv")


def test_a_quotation_mark_that_never_closes_costs_its_row_alone(tmp_path):
    rows = "".join(f"r{n}@example.org,x\n" for n in range(30))
    path = written(tmp_path, f'email,name\na@example.org,"open\n{rows}b@example.org,"two\nlines"\n')
    found = read(path)
    assert [line for line, _, fault in found if fault] == [2]
    assert len(found) == 32
    assert found[-1] == (33, {"email": "b@example.org", "name": "two\nlines"}, "")


def test_text_behind_a_closing_mark_and_too_many_cells_are_told(tmp_path):
    path = written(tmp_path, 'email,name\na@example.org,"x"y\nb@example.org,c,d\nc@example.org,z\n')
    faults = [fault for _, _, fault in read(path)]
    assert faults == [
        "text stands behind a closing quotation mark",
        "it has 3 cells, the header 2",
        "",
    ]


def test_a_row_as_long_as_a_book_is_told(tmp_path):
    path = written(tmp_path, f"email,name\na@example.org,{'x' * 70_000}\nb@example.org,y\n")
    found = read(path)
    assert found[0][2] == "it is longer than 64 KiB"
    assert found[1][1]["email"] == "b@example.org"


def test_blank_lines_are_passed_over_and_numbers_are_the_files_own(tmp_path):
    path = written(tmp_path, "email\r\n\r\na@example.org\r\n,\r\nb@example.org\r\n")
    assert [(line, cells["email"]) for line, cells, _ in read(path)] == [
        (3, "a@example.org"),
        (5, "b@example.org"),
    ]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_the_reading(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("sheet") / "list.csv"
    path.write_bytes(b"email,name\n" + raw)
    for row in read_layout(path, "utf-8").rows():
        assert row.cells
    try:
        found = read_layout(path)
    except ConfigError:  # so many NULs that it looks like UTF-16
        return
    assert all(row.cells for row in found.rows())


def test_a_spreadsheets_word_on_its_delimiter_and_blank_lines_are_passed_over(tmp_path):
    path = written(tmp_path, '\n"sep=;"\n\nemail;name, first\nlin@example.org;林, 渡\n')
    assert read(path) == [(5, {"email": "lin@example.org"}, "")]
    path = written(tmp_path, "sep=;\nlin@example.org;x\n")
    assert read(path) == [(2, {"email": "lin@example.org"}, "")]


def test_a_file_without_lines_is_read_in_pieces(tmp_path):
    path = written(tmp_path, "email\n" + "x" * 2_000_000 + "\nlin@example.org\n")
    found = read(path)
    assert found[-1][1] == {"email": "lin@example.org"}
    assert all(fault for _, _, fault in found[:-1])
