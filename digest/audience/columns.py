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
    "state": (
        *("state", "status", "狀態", "状态", "訂閱狀態", "ステータス", "member status"),
        *("subscribed to emails", "subscribed", "subscription status", "订阅状态"),
    ),
    "confirmed": (
        *("confirmed", "confirm time", "optin time", "confirmed at", "subscribed at", "created at"),
        *("subscribe date", "訂閱時間", "訂閱日期", "订阅时间", "确认时间", "確認時間"),
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
_SEPARATORS = re.compile(r"[\s_\-:：]+")


def meaning(heading: str) -> str:
    """Return which of ``COLUMNS`` *heading* names, "" where it is none of them."""
    plain = unicodedata.normalize("NFKC", heading).strip(" \"'*\ufeff").lower()
    return _MEANING.get(_SEPARATORS.sub(" ", plain).strip(), "")
