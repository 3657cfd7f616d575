"""A CSV file as people have them -> rows with their line numbers, none lost to one broken quote.

Encoding, delimiter and columns are found out and told. A byte that the encoding does not know
costs its own row, and so does a quotation mark that never closes.

What the headings of a list of subscribers mean, in the languages and tools they come from.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TextIO

from digest.audience.suppression_columns import IGNORE, MARKS, NOT, mark_of, normalize_heading
from digest.model.errors import ConfigError

COLUMNS: dict[str, tuple[str, ...]] = {
    "email": (
        *("email", "電子郵件", "邮箱", "メールアドレス", "email address", "e mail", "mail"),
        *("e mail address", "subscriber email", "電子信箱", "電郵", "信箱", "郵箱", "電子郵件地址"),
        *("電子郵箱", "電郵地址", "郵件", "电子邮件", "电子邮箱", "邮件", "邮箱地址"),
        *("电子邮件地址", "メール", "eメール", "电邮", "電子郵件信箱", "電子郵件帳號"),
        *("email信箱", "email地址", "信箱地址", "e mail 信箱", "contact email", "이메일"),
    ),
    "name": (
        *("name", "姓名", "お名前", "full name", "display name", "subscriber name", "名稱", "稱呼"),
        *("称呼", "名称", "暱稱", "昵称", "氏名", "名前", "全名", "contact name", "이름"),
    ),
    "given": (
        *("first name", "firstname", "given name", "fname", "名", "名字", "forename"),
        *("prénom", "vorname", "nombre"),
    ),
    "family": (
        *("last name", "lastname", "surname", "family name", "lname", "姓", "姓氏", "apellido"),
        *("nachname",),
    ),
    "language": ("language", "語言", "语言", "言語", "lang", "locale", "語系", "語文"),
    "digests": ("digests", "digest", "lists", "list", "訂閱", "订阅", "電子報", "newsletter"),
    "state": (
        *("state", "status", "狀態", "状态", "訂閱狀態", "ステータス", "member status"),
        *("subscribed to emails", "subscribed", "subscription status", "订阅状态"),
        *("global status", "list status", "email status", "contact status", "subscriber status"),
        *("marketing status", "email marketing status", "subscription state", "email permission"),
        *("email permission status", "subscriber state", "会员状态", "會員狀態", "email 狀態"),
    ),
    "confirmed": (
        *("confirmed", "confirm time", "optin time", "confirmed at", "subscribed at", "created at"),
        *("subscribe date", "訂閱時間", "訂閱日期", "订阅时间", "确认时间", "確認時間"),
        *("opt in time", "opt in date", "optin date", "confirmation time", "confirmation date"),
        *("subscription date", "date subscribed", "subscribed date", "subscribed on", "join date"),
        *("joined", "date joined", "signup date", "sign up date", "signup time", "signed up at"),
        *("date added", "added time", "added at", "creation date", "create date", "created"),
        *("date created", "created on", "joined at", "subscribe time", "timestamp", "時間戳記"),
        *("时间戳记", "加入時間", "加入日期", "建立時間", "登録日", "登録日時", "opted in at"),
        *("consent date", "consent time", "date", "日期", "entered", "填表時間"),
    ),
}
# What Chinese and Japanese names and lists are mostly written with: it tells encodings apart.
FAMILIAR = frozenset(
    "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾彭詹胡施沈余盧梁趙顏柯翁魏孫戴方宋鄧"
    "杜傅侯曹薛丁卓馬陈黄张吴刘杨许郑谢庄吕罗赵孙邓叶苏卢钟颜冯韩程袁唐于董姚石姜崔谭陆汪金贾韦夏付邹熊白孟秦"
    "志明俊家豪怡君雅婷淑芬美玲建宏文雄惠麗華英秀珍佳穎宗翰承恩宇軒子涵小大中國春雨雪月玉蘭梅竹安平信義仁德"
    "静伟芳娜敏洋勇艳杰娟涛超霞刚桂强磊军丽华红兰凤飞龙鹏辉波斌浩欣悦佐藤鈴木高橋田中伊渡辺山本村小林加吉"
    "先生小姐女士老師電子郵件姓名信箱訂閱语言語言邮箱订阅"
)
_MEANING = {heading: name for name, headings in COLUMNS.items() for heading in headings}
_BRACKETED = re.compile(r"[(\[（【〔《<][^)\]）】〕》>]*[)\]）】〕》>]")
_ASIDE = re.compile(
    r"^(?:your|the|please (?:enter|fill in)|[你您]的?|[請请](?:輸入|输入|填寫|填写|留下)?"
    r"[你您]?的?)\s*"
    r"|\s*(?:必填|選填|选填|required|optional|\*)+$",
    re.IGNORECASE,
)


def find_meaning(heading: str) -> str:
    """Return what a column called *heading* holds: one of ``COLUMNS``, or a mark (``marks``).

    "" where it is none of them. Remarks in it are passed over.

    >>> meaning("Email（必填）"), meaning("您的電子郵件 / Your email"), meaning("BLOCKLISTED")
    ('email', 'email', 'unsubscribed')
    """
    named = (_MEANING.get(form, "") for form in _list_forms(heading))
    return next(filter(None, named), "") or mark_of(heading)


def _list_forms(heading: str) -> Iterator[str]:
    """Yield *heading* as it is, then without what people write around it."""
    yield normalize_heading(heading)
    bare = _BRACKETED.sub(" ", heading)
    for part in (bare, *re.split(r"[/|／｜]", bare)):
        text = normalize_heading(part)
        yield text
        yield normalize_heading(_ASIDE.sub("", _ASIDE.sub("", text)))


BETWEEN = "\n"
LOST = "\ufffd"
_SAMPLE = 256 * 1024
_SPAN = 10  # lines that a quoted cell may go over
_LONGEST = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {
    "utf-8-sig": "UTF-8",
    "cp950": "Big5",
    "gb18030": "GB18030",
    "cp932": "Shift JIS",
    "cp1252": "Windows-1252",
}
# Where an encoding has its punctuation, letters and the characters of everyday use, as byte pairs.
_COMMON: dict[str, tuple[tuple[int, int], ...]] = {
    "cp950": ((0xA140, 0xA1BF), (0xA440, 0xC67E)),
    "gb18030": ((0xA1A1, 0xA1BF), (0xA3A1, 0xA3FE), (0xB0A1, 0xD7F9)),
    "cp932": ((0x8140, 0x817E), (0x824F, 0x8396), (0x889F, 0x9872)),
    "cp1252": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvRow:
    """The cells of one row by what they mean, and the line it begins on; ``fault``: why it is bad.

    A row with a fault has its text in the column "email" as far as there is one. Several states
    or times stand with ``BETWEEN`` them. ``marks`` are heading, mark and cell of each column that
    may say who left: those known to, and those that mean nothing here.
    """

    line: int
    cells: Mapping[str, str]
    fault: str = ""
    marks: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLayout:
    """How a file is to be read: ``columns`` says what each column means, "" for one left out.

    ``doubtful`` are the places of those that say who left, or mean nothing here and might.
    ``skip`` is how many lines stand before the first row; ``guessed`` means that the encoding is
    the likeliest of some, which a person sees at once to be right or wrong.
    """

    path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    header: tuple[str, ...]
    skip: int = 0
    guessed: bool = False
    doubtful: tuple[int, ...] = ()

    @property
    def told(self) -> str:
        """Return what was found out, in words."""
        encoding = _NAMES.get(self.encoding, self.encoding.upper())
        separated = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[self.delimiter]
        used = list(dict.fromkeys(name for name in self.columns if name))
        return f"{encoding}, {separated}-separated, columns: {', '.join(used)}"

    @property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """Return the columns that say who left, each with the state that a yes means."""
        pairs = zip(self.header, self.columns, strict=True) if self.header else ()
        return tuple((head, name) for head, name in pairs if is_mark(name))

    @property
    def ignored(self) -> tuple[str, ...]:
        """Return the headings of the columns that mean nothing here."""
        pairs = zip(self.header, self.columns, strict=True)
        return tuple(head for head, name in pairs if not name and head)

    @property
    def sample(self) -> str:
        """Return the first row that shows whether the encoding is right, "" where all are ASCII."""
        said = (" ".join(row.cells.values()) for row in self.rows())
        return next((text[:100] for text in said if not text.isascii()), "")

    def rows(self) -> Iterator[CsvRow]:
        """Yield the rows below the header; blank lines are passed over."""
        with _open_text(self.path, self.encoding) as file:
            numbered = islice(enumerate(_read_lines(file), 1), self.skip, None)
            for line, text, cells, fault in _split_records(numbered, self.delimiter):
                if fault or any(cell.strip() for cell in cells):
                    yield self._row(line, text, cells, fault)

    def _row(self, line: int, text: str, cells: list[str], fault: str) -> CsvRow:
        if not fault and LOST in text:
            encoding = _NAMES.get(self.encoding, self.encoding)
            fault = f"it holds bytes that are not {encoding}"
        if not fault and len(cells) > len(self.columns):
            fault = f"it has {len(cells)} cells, the header {len(self.columns)}"
        named: dict[str, str] = {}
        for name, cell in zip(self.columns, cells, strict=False):
            if name:
                between = BETWEEN if name in ("state", "confirmed") else " "
                named[name] = f"{named[name]}{between}{cell}".strip(" ") if name in named else cell
        marks = tuple(
            (self.header[at], self.columns[at], cells[at])
            for at in self.doubtful
            if at < len(cells) and cells[at].strip()
        )
        return CsvRow(line=line, cells=named or {"email": text.strip()}, fault=fault, marks=marks)


def read_layout(path: Path, encoding: str = "", told: Mapping[str, str] | None = None) -> CsvLayout:
    """Return how the CSV file *path* is to be read; ConfigError says why it cannot be.

    *encoding* is that of a person who knows it; else it is found out. *told* says what columns
    mean, by heading: ``{"Opt": "unsubscribed", "Tags": "ignore"}``.
    """
    if path.exists() and not path.is_file():
        remedy = "It is read more than once: write it to a file first."
        raise ConfigError(str(path), "is no file", remedy)
    found = _find_codec(encoding) if encoding else _detect_encoding(path)
    skip, first, named = _first_line(path, found)
    delimiter = named or max(",;\t|", key=first.count)
    cells = next(csv.reader([first], delimiter=delimiter), [])
    read = CsvLayout(
        path=path,
        encoding=found,
        delimiter=delimiter,
        columns=(),
        header=(),
        skip=skip,
        guessed=not encoding and found in _COMMON,
    )
    columns = _find_meanings(path, cells, told or {})
    if "email" in columns:
        heads = tuple(cell.strip() for cell in cells)
        return _check_layout(_with_columns(read, columns, heads, skip + 1))
    headed = _with_columns(read, columns, tuple(cell.strip() for cell in cells), skip + 1)
    if (at := _place_of_address(headed)) is not None:
        columns = tuple("email" if i == at else name for i, name in enumerate(columns))
        return _with_columns(headed, columns, headed.header, skip + 1)
    columns = tuple("email" if "@" in cell else "" for cell in cells)
    if columns.count("email") == 1:
        return replace(read, columns=columns)
    known = ", ".join(COLUMNS["email"][:4])
    cause = "its first line names no column of addresses"
    raise ConfigError(str(path), cause, f"Name one of its columns: {known}, ...")


def _with_columns(
    read: CsvLayout, columns: tuple[str, ...], header: tuple[str, ...], skip: int
) -> CsvLayout:
    doubtful = tuple(at for at, name in enumerate(columns) if not name or is_mark(name))
    return replace(read, columns=columns, header=header, skip=skip, doubtful=doubtful)


def _place_of_address(read: CsvLayout) -> int | None:
    """Return which column of the first row below the header holds an address; None for none."""
    with _open_text(read.path, read.encoding) as file:
        numbered = islice(enumerate(_read_lines(file), 1), read.skip, None)
        rows = (cells for _, _, cells, _ in _split_records(numbered, read.delimiter) if any(cells))
        first = next(rows, [])
    places = [at for at, cell in enumerate(first[: len(read.columns)]) if "@" in cell]
    heads_hold_one = any("@" in head for head in read.header)
    return places[0] if len(places) == 1 and not heads_hold_one else None


def _find_meanings(path: Path, heads: Sequence[str], told: Mapping[str, str]) -> tuple[str, ...]:
    """Return what each column means: what a person *told* stands."""
    there = {normalize_heading(head) for head in heads}
    known = (*COLUMNS, *MARKS, IGNORE)
    for head, name in told.items():
        if normalize_heading(head) not in there:
            remedy = f"Its columns are: {', '.join(head.strip() for head in heads)}"
            raise ConfigError(str(path), f"it has no column {head!r}", remedy)
        if name not in known:
            remedy = f"Say one of: {', '.join(known)}"
            raise ConfigError(f"--column {head}={name}", "nobody knows what that means", remedy)
    by_head = {normalize_heading(head): name for head, name in told.items()}
    return tuple(by_head.get(normalize_heading(head)) or find_meaning(head) for head in heads)


def is_mark(name: str) -> bool:
    """Tell whether a column that means *name* says who left."""
    return name.removeprefix(NOT) in MARKS


def _check_layout(read: CsvLayout) -> CsvLayout:
    if read.columns.count("email") > 1:
        pairs = zip(read.header, read.columns, strict=True)
        twice = " and ".join(head for head, name in pairs if name == "email")
        remedy = 'Name the right one "email" and the other otherwise.'
        raise ConfigError(str(read.path), f"two columns may hold the address: {twice}", remedy)
    return read


def _split_records(
    numbered: Iterable[tuple[int, str]], delimiter: str
) -> Iterator[tuple[int, str, list[str], str]]:
    """Yield first line, text, cells and fault of each record.

    A cell in quotation marks may go on over some lines; where its mark does not close within
    them, the record is bad and the lines after its first are read on their own.
    """
    source, again = iter(numbered), deque[tuple[int, str]]()
    while (first := again.popleft() if again else next(source, None)) is not None:
        taken = [first]
        cells, fault = _parse_record([first[1]], delimiter)
        while cells is None and not fault and len(taken) <= _SPAN:
            after = again.popleft() if again else next(source, None)
            if after is None:
                break
            taken.append(after)
            cells, fault = _parse_record([text for _, text in taken], delimiter)
        if cells is None and len(taken) > 1:
            again.extendleft(reversed(taken[1:]))
            taken = [first]
        unclosed = "" if cells is not None or fault else "a quotation mark in it never closes"
        yield first[0], "".join(text for _, text in taken), cells or [], fault or unclosed


def _parse_record(lines: list[str], delimiter: str) -> tuple[list[str] | None, str]:
    """Return the cells of *lines* as one record; None where it goes on; and what is wrong."""
    if sum(map(len, lines)) > _LONGEST:
        return None, f"it is longer than {_LONGEST // 1024} KiB"
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True), []), ""
    except csv.Error as error:
        if "unexpected end" in str(error):
            return None, ""
        return None, "text stands behind a closing quotation mark"


def _open_text(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, errors="replace", newline="")


def _read_lines(file: TextIO) -> Iterator[str]:
    """Yield the lines of *file*; one without an end in sight comes in pieces."""
    while line := file.readline(4 * _LONGEST):
        yield line


def _first_line(path: Path, encoding: str) -> tuple[int, str, str]:
    """Return how many lines to pass over, the first line that says something, and the delimiter.

    A spreadsheet may have written ``sep=;`` above it; else the delimiter is "".
    """
    told = ""
    with _open_text(path, encoding) as file:
        for skip, line in enumerate(islice(_read_lines(file), 20)):
            text = line.strip("\r\n")
            if found := re.fullmatch(r'"?sep=([,;|\t])"?', text.strip(" "), re.IGNORECASE):
                told = found[1]
            elif text.strip():
                return skip, text, told
    return 0, "", told


def _find_codec(name: str) -> str:
    aliases = {"big5": "cp950", "gbk": "gb18030", "gb2312": "gb18030", "utf-8": "utf-8-sig"}
    try:
        found = codecs.lookup(name).name
    except LookupError:
        raise ConfigError(
            f"--encoding {name}", "no such encoding", "Use utf-8, utf-16, big5 or gb18030."
        ) from None
    return aliases.get(found, found)


def _detect_encoding(path: Path) -> str:
    """Return the encoding of *path*: by its mark, by being UTF-8, else the likelier of two."""
    try:
        with path.open("rb") as file:
            sample = chunk = file.read(_SAMPLE)
            while chunk and chunk.isascii():  # what tells may stand far down
                chunk = file.read(_SAMPLE)
            sample += b"" if sample is chunk else chunk
    except OSError as error:
        remedy = "Give a CSV file that you may read."
        raise ConfigError(str(path), f"cannot be read: {error.strerror}", remedy) from None
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    even, odd = (sample[start:4096:2].count(0) for start in (0, 1))
    if 10 * (even + odd) > len(sample[:4096]) and max(even, odd) > 9 * min(even, odd):
        return "utf-16-be" if even > odd else "utf-16-le"
    if sample.startswith((b"PK\3\4", b"\xd0\xcf\x11\xe0")):
        cause = "is a spreadsheet, not CSV"
        raise ConfigError(str(path), cause, "Save it as CSV UTF-8 in that program.")
    if _mostly_utf8(sample):
        return "utf-8-sig"
    return min(_COMMON, key=lambda encoding: _measure_strangeness(sample, encoding))


def _mostly_utf8(sample: bytes) -> bool:
    """Tell whether most lines that are not ASCII are UTF-8: a broken one may be among them."""
    lines = [line for line in sample.split(b"\n")[:-1] or [sample] if not line.isascii()]
    good = sum(LOST not in line.decode("utf-8", "replace") for line in lines)
    return good * 2 >= len(lines)


def _measure_strangeness(sample: bytes, encoding: str) -> float:
    """Return how strange *sample* looks in *encoding*: 0 is text as people write it.

    Each of these encodings has its common characters in one block, in which bytes of another fall
    by chance only; and names are made of few characters.
    """
    text = sample.decode(encoding, "replace")
    return sum(_weigh_oddness(char, encoding) for char in set(text) if not char.isascii())


def _weigh_oddness(char: str, encoding: str) -> float:
    if char == LOST:
        return 20.0
    if char in FAMILIAR:
        return -1.0
    if encoding == "cp1252":
        return 0.6 if char.isalpha() else 2.0
    code = int.from_bytes(char.encode(encoding), "big")
    if any(first <= code <= last for first, last in _COMMON[encoding]):
        return 0.0
    return 1.0 if "\u4e00" <= char <= "\u9fff" else 2.0
