"""Two issues made by hand, Chinese and English, to render: invented blogs, people and texts."""

from datetime import UTC, datetime, timedelta

from digest.model import (
    Digest,
    Document,
    Image,
    Issue,
    Link,
    Media,
    Period,
    Pick,
    Post,
    PullQuote,
    Quote,
    Section,
    Story,
    Summary,
    Theme,
)
from digest.render.branding import Branding

MONDAY = datetime(2026, 1, 4, 16, tzinfo=UTC)


def post(number, title, summary="", **fields):
    site = fields.pop("site", "https://blog.example.org")
    when = MONDAY + timedelta(days=number % 7, hours=2)
    return Post(
        id=f"post-{number}",
        source="feed",
        url=fields.pop("url", f"{site}/posts/2026-01-{number:02}-story/"),
        title=title,
        published=when,
        first_seen=when,
        abstract=summary,
        language=fields.pop("language", ""),
        **fields,
    )


def story(item, minutes=6, siblings=()):
    pick = Pick(post=item, score=1.0, siblings=tuple(siblings))
    return Story(
        pick=pick, reading=Summary(summary=item.abstract, summary_from="author"), minutes=minutes
    )


def said(text, speaker):
    return Quote(text=text, start=0, end=len(text), speech=True, utterance=0, speaker=speaker)


def watched(kind, url):
    return Document(media=(Media(kind=kind, url=url),))


def chinese():
    lead = post(
        1,
        "把渡輪停下來的那個清晨：一座港口怎麼學會等待",
        "南灣港在去年秋天停航了十一天。沒有颱風，也沒有罷工，只是港務長林若水發現，準點率每提高一個百分點，"
        "就有一班夜船在霧裡多冒一次險。她決定先讓船停下來，再問大家要什麼樣的時刻表。",
        image=Image(
            url="https://blog.example.org/images/harbour.jpg",
            alt="清晨的港口，三艘渡輪靠在霧裡的碼頭",
            width=1600,
            height=900,
        ),
        episode_name="潮間帶電台",
        document=watched("youtube", "https://www.youtube.com/watch?v=abcdefghijk"),
    )
    sibling = post(8, "夜航船長的備忘錄：霧裡該相信儀器，還是相信耳朵？")
    harbour = post(
        2,
        "時刻表是一種承諾，不是一張表",
        "準點不是快，而是說到做到。三位調度員談他們怎麼替意外留位置，又怎麼向乘客解釋留白的理由。",
        episode_name="潮間帶電台",
        document=watched("spotify", "https://open.spotify.com/episode/0123456789"),
    )
    garden = post(
        3,
        "屋頂菜園第七年：我們終於弄懂土為什麼會累",
        "周以安把七年的收成紀錄攤開來看，發現產量最高的兩年，正好是她們偷懶沒有翻土的兩年。",
    )
    english = post(
        4,
        "What a repair café teaches about software maintenance",
        "Nora Velasquez keeps a ledger of every toaster she has opened since 2014. Her rule for "
        "code is the same: write down what surprised you, not what you did.",
        language="en",
        document=watched("apple-podcasts", "https://podcasts.apple.com/tw/podcast/id1?i=2"),
    )
    school = post(
        5,
        "山上小學的「慢朗讀」計畫：一學期只讀一本書",
        "全校四十二個孩子，用一百一十天讀完同一本小說。老師郭澄說，第六週以後，教室裡開始出現「等一下，我不同意」。",
    )
    glass = post(
        6,
        "回收玻璃的三種下場，以及第四種",
        "碎玻璃多半成了路基。這間小廠想證明，它還能再當一次瓶子。",
    )
    night = post(
        7,
        "凌晨三點的氣象站，誰在抄數字？",
        "自動化之後，守夜的人少了，例外卻沒有變少。值班員潘雨禾記下了去年十四次「儀器說沒事」的夜晚。",
    )
    titles = (
        "讀者來信：你們寫的渡輪，我小時候天天搭",
        "一張好地圖該省略什麼",
        "Notes on naming boats",
        "雨傘借還站的帳本，公開第三個月",
        "為什麼老燈塔改成了錄音室",
        "給第一次種番茄的人：先學會看葉子背面",
        "木工教室不教的事：什麼時候該停手",
        "下週預告：我們要去北邊看一座沒有水的水庫",
    )
    return Issue(
        id="2026-W02",
        edition=Digest(
            title="潮間帶週報",
            language="zh-Hant-TW",
            timezone="Asia/Taipei",
            site="https://blog.example.org/",
        ),
        period=Period(start=MONDAY, end=MONDAY + timedelta(days=7), label="2026-W02"),
        subject="把渡輪停下來的那個清晨，還有 6 篇",
        preheader="還有：時刻表是一種承諾，不是一張表；屋頂菜園第七年；凌晨三點的氣象站",
        headline="本週話題：港口、屋頂菜園、氣象站",
        intro="從 31 篇新文章中選出 7 篇，讀完約 42 分鐘。",
        sections=(
            Section(title="頭條", stories=(story(lead, 9, (sibling,)),)),
            Section(title="交通", stories=(story(harbour, 7), story(night, 4))),
            Section(
                title="土地與手藝", stories=(story(garden, 6), story(english, 5), story(glass, 3))
            ),
            Section(title="教育", stories=(story(school, 8),)),
        ),
        pull_quote=PullQuote(
            quote=said("我寧可讓你晚十分鐘到家，也不要讓你準時撞上看不見的東西。", "林若水"),
            url=lead.url,
            title=lead.title,
        ),
        also=tuple(
            Link(url=f"https://blog.example.org/posts/also-{n}/", title=title)
            for n, title in enumerate(titles)
        ),
        themes=(
            Theme(name="渡輪", posts=6, change=4),
            Theme(name="土壤", posts=4, change=-1),
            Theme(name="慢讀", posts=3, change=3),
            Theme(name="夜班", posts=2, change=0),
        ),
    )


def english():
    site = "https://fieldnotes.example.com"
    lead = post(
        1,
        "The bakery that closes when the bread is good enough",
        "Every morning at five, Ilse Marchetti decides how many loaves the neighbourhood needs. "
        "She has been wrong eleven times in nine years, and she remembers each of them.",
        site=site,
        image=Image(
            url="https://fieldnotes.example.com/images/bakery.jpg",
            alt="A baker counting loaves on a wooden shelf before sunrise",
            width=1200,
            height=800,
        ),
        document=watched("youtube", "https://www.youtube.com/watch?v=zyxwvutsrqp"),
    )
    others = [
        post(n, title, summary, site=site)
        for n, (title, summary) in enumerate(
            (
                (
                    "A short history of the library’s lost-and-found box",
                    "Forty years of umbrellas, one violin, and the rule that nothing goes.",
                ),
                (
                    "Why our trail signs now say how you will feel",
                    (
                        "Distances told walkers little. A ranger’s team tried moods, "
                        "and rescues fell by a third."
                    ),
                ),
                (
                    "Counting bats with people who are afraid of bats",
                    "The best volunteers, it turns out, look away at exactly the right moment.",
                ),
            ),
            start=2,
        )
    ]
    return Issue(
        id="2026-W02",
        edition=Digest(
            title="Field Notes Weekly", language="en", timezone="Europe/London", site=site
        ),
        period=Period(start=MONDAY + timedelta(hours=8), end=MONDAY + timedelta(days=7, hours=8)),
        subject="The bakery that closes when the bread is good enough, and 3 more",
        preheader="Also: a library’s lost-and-found box; trail signs that say how you will feel",
        headline="This week: Harbours, Ledgers, and Night Weather",
        intro="4 stories out of 12 new posts, about 21 minutes of reading.",
        sections=(
            Section(title="Lead story", stories=(story(lead, 8),)),
            Section(title="More stories", stories=tuple(story(item, 4) for item in others)),
        ),
        pull_quote=PullQuote(
            quote=said(
                "If there is bread left at noon, I did not listen yesterday.", "Ilse Marchetti"
            ),
            url=lead.url,
            title=lead.title,
        ),
        also=tuple(
            Link(url=f"{site}/posts/also-{n}/", title=title)
            for n, title in enumerate(
                ("Letters: the bench is back", "What we read in December", "A map of good shade")
            )
        ),
        themes=(
            Theme(name="Bread", posts=3, change=1),
            Theme(name="Walking", posts=2, change=None),
        ),
    )


def letterhead(**changes):
    fields = {
        "sender": "潮間帶週報 <weekly@example.org>",
        "reply_to": "editor@example.org",
        "postal_address": "潮間帶編輯室，100 臺北市中正區示範路 1 號",
        "unsubscribe": "https://digest.example.org/u",
        "preferences": "https://digest.example.org/p",
        "archive": "https://digest.example.org/archive/",
    }
    return Branding(**{**fields, **changes})
