"""Issues made by hand for the thread tests; all people and places are invented."""

from datetime import UTC, datetime

from digest.model import (
    Digest,
    Document,
    Issue,
    Period,
    Pick,
    Post,
    PullQuote,
    Quote,
    Section,
    Story,
    Summary,
    SummaryFrom,
)

NOON = datetime(2026, 1, 8, 4, tzinfo=UTC)
WEEK = Period(start=datetime(2026, 1, 4, 16, tzinfo=UTC), end=datetime(2026, 1, 11, 16, tzinfo=UTC))


def story(
    slug: str,
    title: str,
    summary: str,
    *said: tuple[str, str],
    tags: tuple[str, ...] = (),
    people: tuple[str, ...] = (),
    summary_from: SummaryFrom = "author",
    points: tuple[str, ...] = (),
    score: float = 1.0,
    text: str = "",
) -> Story:
    """Return a story; *said* are (speaker, quotation), the best first."""
    quotes = tuple(
        Quote(text=words, speaker=name, start=at, end=at + len(words), speech=True, utterance=n)
        for n, (name, words) in enumerate(said)
        for at in [max(0, text.find(words))]
    )
    post = Post(
        id=slug,
        source="sample",
        url=f"https://harbour.example.org/posts/{slug}/",
        title=title,
        published=NOON,
        first_seen=NOON,
        tags=tags,
        people=people,
        document=Document(text=text),
    )
    reading = Summary(summary=summary, summary_from=summary_from, quotes=quotes, points=points)
    return Story(pick=Pick(post=post, score=score), reading=reading, minutes=4)


def issue(
    *stories: Story, language: str = "en", title: str = "Harbour Notes", pull: int | None = None
) -> Issue:
    """Return an issue of *stories*, the first its lead; *pull* is whose quotation it shows."""
    shown = stories[pull] if pull is not None else None
    return Issue(
        id="weekly-2026-W02",
        edition=Digest(title=title, language=language, site="https://harbour.example.org/"),
        period=WEEK,
        subject=stories[0].post.title if stories else "",
        preheader="",
        headline="",
        intro="",
        sections=(
            Section(title="", stories=stories[:1]),
            Section(title="More", stories=stories[1:]),
        ),
        pull_quote=shown
        and PullQuote(quote=shown.reading.quotes[0], url=shown.post.url, title=shown.post.title),
    )


def chinese() -> Issue:
    """Return a week of seven stories in Traditional Chinese."""
    return issue(
        story(
            "night-shift",
            "一條會自己停的產線：夜班教我的事",
            "沿海一家小廠把最後的停機權交給機器，三百天裡停了十一次，只有兩次是機器的錯。"
            "剩下九次，是空調、震動，還有交接班時沒說出口的那句話。",
            ("許望潮", "良率掉下來那天，我們先去看的不是晶片，是空調。"),
            ("許望潮", "機器停得很乾脆，難的是我們願不願意相信它。"),
            tags=("製造", "自動化", "許望潮"),
            people=("許望潮",),
        ),
        story(
            "slow-feedback",
            "批改作文的機器，慢十分鐘比較好",
            "三所國中把作文批改交給模型，老師先學到的卻是等待。"
            "回饋晚十分鐘才出現，學生自己找到的錯多了一倍；馬上給答案的那一班，分數反而沒有動。",
            ("林未央", "我以前以為快就是體貼，現在我會先讓他們自己讀一遍。"),
            tags=("教育", "自動化"),
        ),
        story(
            "warm-water",
            "資料中心的回水，養活了一池魚",
            "三十八度的回水流進隔壁的漁塭，冬天少燒一半柴油。"
            "合約裡最難談的一條，是停機那天魚的損失該由誰來賠。",
            ("蔡阿灘", "我不懂什麼算力，我只在意半夜會有人打電話來。"),
            tags=("能源", "資料中心"),
        ),
        story(
            "old-maps",
            "老地圖上消失的溪，被一個高中社團找了回來",
            "七個高中生用舊地圖和雨後的積水照片，把一條填平五十年的溪畫了回來。"
            "工程處原本不信，挖到第二公尺就看見了石砌的溝底。",
            tags=("地圖",),
        ),
        story(
            "small-model",
            "小模型住進診所：不上網的翻譯",
            "山上的診所沒有穩定的網路，一台跑得動小模型的舊筆電成了翻譯。"
            "護理師說它最好的地方，是聽不懂的時候會承認。",
            ("高朵雅", "它說「我不確定」的那一刻，我才開始相信它。"),
            tags=("小模型", "自動化"),
        ),
        story(
            "readme",
            "為什麼你的 README.md 沒有人讀",
            "說明文件的第一行決定了後面九十行有沒有人看。作者改寫了十二份 README.md，"
            "只動第一句話，問題單就少了三成。",
            tags=("文件",),
        ),
        story(
            "radio",
            "廣播電台的最後一卷帶子",
            "地方電台要把四千卷盤帶數位化，第一個難題是唯一會修機器的人已經七十八歲。",
            ("羅定音", "帶子會等你，人不會。"),
            tags=("聲音",),
        ),
        language="zh-Hant-TW",
        title="港邊筆記",
        pull=4,
    )


def english() -> Issue:
    """Return a week of five stories in English."""
    return issue(
        story(
            "night-shift",
            "What the night shift taught a line that stops itself",
            "A small plant gave its machine the last word on stopping. In 300 days it stopped "
            "eleven times, and only two of those were the machine's own fault.",
            (
                "Maud Tidewell",
                "The day the yield fell, nobody looked at the chips. We looked at the air.",
            ),
            tags=("manufacturing", "machine learning"),
        ),
        story(
            "slow-feedback",
            "Feedback that arrives ten minutes late",
            "Three schools let a model mark essays and found that waiting helps. Pupils who got "
            "their marks ten minutes later found twice as many of their own mistakes.",
            ("Ines Varrow", "I used to think that fast was kind."),
            tags=("education", "machine learning"),
        ),
        story(
            "warm-water",
            "Warm water for cold ponds",
            "It began with a phone call. The operator offered heat that nobody wanted, and the "
            "farmers asked who would pay for the fish.",
            ("Osric Fenn", "I do not know what compute is. I want somebody to ring me at night."),
            tags=("energy",),
            summary_from="extract",
        ),
        story(
            "old-maps",
            "The stream that a school club found again",
            "Seven pupils drew a buried stream back onto the map from old surveys and photographs "
            "of puddles. At two metres down, the diggers met its stone bed.",
            tags=("maps",),
        ),
        story(
            "readme",
            "Why nobody reads your README.md",
            "The first line decides whether anyone sees the other ninety. Twelve projects changed "
            "only that line, and a third of their support questions went away.",
            tags=("documentation",),
        ),
        pull=1,
    )
