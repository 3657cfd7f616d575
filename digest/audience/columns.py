"""What the headings of a list of subscribers mean, in the languages and tools they come from."""

import re
import unicodedata

COLUMNS: dict[str, tuple[str, ...]] = {
    "email": (
        *("email", "電子郵件", "邮箱", "メールアドレス", "email address", "e mail", "mail"),
        *("e mail address", "subscriber email", "電子信箱", "電郵", "信箱", "郵箱", "電子郵件地址"),
        *(
            "電子郵箱",
            "電郵地址",
            "郵件",
            "电子邮件",
            "电子邮箱",
            "邮件",
            "邮箱地址",
            "电子邮件地址",
        ),
        *("メール", "eメール", "电邮"),
    ),
    "name": (
        *("name", "姓名", "名字", "お名前", "full name", "first name", "last name", "firstname"),
        *("lastname", "surname", "display name", "subscriber name", "名稱", "稱呼", "称呼", "名称"),
        *("暱稱", "昵称", "氏名", "名前", "姓", "名"),
    ),
    "language": ("language", "語言", "语言", "言語", "lang", "locale", "語系", "語文"),
    "digests": ("digests", "digest", "lists", "list", "訂閱", "订阅", "電子報", "newsletter"),
    "state": ("state", "status", "狀態", "状态", "訂閱狀態", "ステータス", "member status"),
    "confirmed": (
        *("confirmed", "confirm time", "optin time", "confirmed at", "subscribed at", "created at"),
        *("subscribe date", "訂閱時間", "訂閱日期", "订阅时间", "确认时间", "確認時間"),
    ),
}
_MEANING = {heading: name for name, headings in COLUMNS.items() for heading in headings}
_SEPARATORS = re.compile(r"[\s_\-:：]+")


def meaning(heading: str) -> str:
    """Return which of ``COLUMNS`` *heading* names, "" where it is none of them."""
    plain = unicodedata.normalize("NFKC", heading).strip(" \"'*\ufeff").lower()
    return _MEANING.get(_SEPARATORS.sub(" ", plain).strip(), "")
