"""What the headings of a list of subscribers mean, in the languages and tools they come from."""

import re
from collections.abc import Iterator

from digest.audience.marks import mark_of, plain

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


def meaning(heading: str) -> str:
    """Return what a column called *heading* holds: one of ``COLUMNS``, or a mark (``marks``).

    "" where it is none of them. Remarks in it are passed over.

    >>> meaning("Email（必填）"), meaning("您的電子郵件 / Your email"), meaning("BLOCKLISTED")
    ('email', 'email', 'unsubscribed')
    """
    named = (_MEANING.get(form, "") for form in _forms(heading))
    return next(filter(None, named), "") or mark_of(heading)


def _forms(heading: str) -> Iterator[str]:
    """Yield *heading* as it is, then without what people write around it."""
    yield plain(heading)
    bare = _BRACKETED.sub(" ", heading)
    for part in (bare, *re.split(r"[/|／｜]", bare)):
        text = plain(part)
        yield text
        yield plain(_ASIDE.sub("", _ASIDE.sub("", text)))
