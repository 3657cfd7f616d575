"""What a template sees of an issue: clean strings, finished links, no decisions left to take.

Pure: ``view(issue, letterhead) -> View``. The HTML and the plain text are made from the same view,
so they cannot disagree.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from markupsafe import Markup

from digest.model import Digest, Image, Issue, Media, PullQuote, Story, Theme
from digest.render import sanitize
from digest.render.branding import Branding, Palette, make_dark_palette, make_light_palette
from digest.render.editor_notes import Insert, place_notes
from digest.render.thread_texts import stands_alone
from digest.text.direction import direction_of, isolate_text
from digest.text.localization import Catalogue, load_catalogue

MAX_TITLE = 160
MAX_SUMMARY = 600
MAX_SUBJECT = 200
MAX_NAME = 40
MAX_SPEAKER = 60
MAX_EPISODE = 48
MAX_QUOTE = 300
MAX_THEMES = 12
MAX_SIBLINGS = 8
MAX_ACTIONS = 2
MAX_POINTS = 3
LONG = timedelta(days=300)

_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi"})
_MEDIA = {
    "youtube": "Watch on YouTube",
    "vimeo": "Watch on Vimeo",
    "video": "Watch the video",
    "spotify": "Listen on Spotify",
    "apple-podcasts": "Listen on Apple Podcasts",
    "audio": "Listen to the recording",
    "x": "See it on X",
    "embed": "See what is embedded",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A link with its wording; ``language`` is set where that is not the issue's."""

    url: str
    label: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCard:
    """One story as it is shown; ``language`` is set where it is not the issue's.

    ``points`` are the key points of the lead; other stories show none.
    """

    url: str
    title: str
    summary: str
    kicker: tuple[str, ...]
    language: str
    image: Image | None
    actions: tuple[Action, ...]
    more_title: str
    more: tuple[Action, ...]
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownQuote:
    """A quotation on display, with its marks and where it stands."""

    text: str
    marked: str
    speaker: str
    url: str
    title: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A theme with how often it came up, and its change in words."""

    name: str
    posts: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGroup:
    """Cards under one title."""

    title: str
    cards: tuple[StoryCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueView:
    """Everything a template may use, besides ``_`` (the catalogue's gettext)."""

    language: str
    title: str
    subject: str
    preheader: str
    headline: str
    intro: str
    span: str
    lead: StoryCard | None
    quote: ShownQuote | None
    sections: tuple[CardGroup, ...]
    themes_title: str
    themes: tuple[Topic, ...]
    also_title: str
    also: tuple[Action, ...]
    left_out: int
    more: str
    aside: Action | None
    notes: tuple[Insert, ...]
    page: str
    site: str
    letterhead: Branding
    light: Palette
    dark: Palette

    def notes_at(self, place: str) -> tuple[Insert, ...]:
        """Return the editor's notes that stand after the block *place*, or at the "top"."""
        return tuple(note for note in self.notes if note.place == place)

    @property
    def direction(self) -> str:
        """Return "rtl" for a language that is written from the right, else "ltr"."""
        return "rtl" if self.language[:2].lower() in _RIGHT_TO_LEFT else "ltr"

    def turn(self, text: str) -> Markup:
        """Return the attribute ``dir`` for *text* that runs another way than the issue, else ""."""
        own = direction_of(text)
        if own in ("", self.direction):
            return Markup("")
        return Markup(' dir="rtl"') if own == "rtl" else Markup(' dir="ltr"')

    def apart(self, text: str) -> str:
        """Return *text* for a line of plain text, its direction its own."""
        return isolate_text(text, self.direction)

    @property
    def home(self) -> str:
        """Return where a reader finds what is left out: the issue's page, else the site."""
        return self.page or self.site

    @property
    def cards(self) -> Iterator[StoryCard]:
        """Return all cards in reading order."""
        yield from () if self.lead is None else (self.lead,)
        yield from (card for group in self.sections for card in group.cards)


def build_view(issue: Issue, letterhead: Branding) -> IssueView:
    """Return what the templates see of *issue* under *letterhead*."""
    edition, words = issue.edition, load_catalogue(issue.edition.language, letterhead.strings)
    look, shape = letterhead.look, _name_period(issue)
    lead, groups = _group_cards(issue, words, letterhead)
    return IssueView(
        language=edition.language,
        title=_make_title(edition, words),
        subject=_clean_and_clip(issue.subject, MAX_SUBJECT),
        preheader=_clean_and_clip(issue.preheader, MAX_SUBJECT),
        headline=_clean_and_clip(issue.headline or issue.subject, MAX_TITLE),
        intro=_clean_and_clip(issue.intro, MAX_SUMMARY),
        span=words.span(issue.period, edition.timezone),
        lead=lead,
        quote=_make_shown_quote(issue.pull_quote, issue, words, letterhead),
        sections=groups,
        themes_title=words.gettext(_THEME_TITLES[shape]),
        themes=tuple(_make_shown_theme(theme, words) for theme in issue.themes[:MAX_THEMES]),
        also_title=words.gettext(_ALSO_TITLES[shape]),
        also=tuple(_list_also_links(issue, letterhead)),
        left_out=0,
        more="",
        aside=_make_aside(issue, words, letterhead),
        notes=tuple(place_notes(issue, look.order, words)),
        page=letterhead.page(issue.id),
        site=sanitize.clean_link(edition.site),
        letterhead=letterhead,
        light=make_light_palette(look.accent),
        dark=make_dark_palette(look.accent),
    )


_THEME_TITLES = {
    "the week": "What the week was about",
    "the month": "What the month was about",
    "new": "What it was about",
}
_ALSO_TITLES = {"the week": "Also this week", "the month": "Also this month", "new": "Also new"}


def _name_period(issue: Issue) -> str:
    """Return what the period is called: "the week", "the month", else "new"."""
    days = (issue.period.end - issue.period.start).days
    return "the week" if 6 <= days <= 8 else "the month" if 27 <= days <= 32 else "new"


def _make_title(edition: Digest, words: Catalogue) -> str:
    return _clean_and_clip(edition.title, MAX_NAME) or words.gettext("Digest")


def _make_aside(issue: Issue, words: Catalogue, letterhead: Branding) -> Action | None:
    """Return what stands beside the title: the dates, or the web page if they are the headline."""
    span = words.span(issue.period, issue.edition.timezone)
    if span not in issue.headline:
        return Action(url="", label=span)
    url = letterhead.page(issue.id)
    return Action(url=url, label=words.gettext("View in browser")) if url else None


def _group_cards(
    issue: Issue, words: Catalogue, letterhead: Branding
) -> tuple[StoryCard | None, tuple[CardGroup, ...]]:
    """Return the lead's card, and the other sections; the lead stands alone in the first one."""
    groups = [
        CardGroup(
            title=_clean_and_clip(section.title, MAX_NAME),
            cards=tuple(_make_card(story, issue, words, letterhead) for story in section.stories),
        )
        for section in issue.sections
        if section.stories
    ]
    if groups and len(groups[0].cards) == 1:
        return replace(groups[0].cards[0], points=_choose_points(issue)), tuple(groups[1:])
    return None, tuple(groups)


def _choose_points(issue: Issue) -> tuple[str, ...]:
    """Return the key points of the lead that stand alone and that the pull-quote does not say."""
    said = issue.pull_quote.quote.text if issue.pull_quote else "\0"
    points = [p for p in next(issue.stories).reading.points if said not in p and stands_alone(p)]
    return tuple(_clean_and_clip(point, MAX_SUMMARY) for point in points[:MAX_POINTS])


def _make_card(story: Story, issue: Issue, words: Catalogue, letterhead: Branding) -> StoryCard:
    post, around = story.post, issue.edition.language
    url = sanitize.add_utm_parameters(sanitize.clean_link(post.url), letterhead.utm)
    title = _clean_and_clip(post.title, MAX_TITLE) or _clean_and_clip(post.url, MAX_NAME) or "—"
    summary = _clean_and_clip(story.reading.summary, MAX_SUMMARY)
    return StoryCard(
        url=url,
        title=title,
        summary=summary,
        kicker=tuple(_write_kicker(story, issue, words)),
        language=sanitize.find_passage_language(f"{title} {summary}", post.language, around),
        image=letterhead.picture(post.image),
        actions=tuple(_list_actions(post.document.media, words)),
        more_title=_write_more_title(post.episode_name, words),
        more=tuple(_list_siblings(story, issue, letterhead)),
    )


def _write_kicker(story: Story, issue: Issue, words: Catalogue) -> Iterator[str]:
    """Yield when it came out (with the year where the period is long), how long it is, of what."""
    told = words.date if issue.period.end - issue.period.start > LONG else words.day
    yield told(story.post.published, issue.edition.timezone)
    if story.minutes > 0:
        yield words.ngettext("{n} min read", "{n} min read", story.minutes)
    if story.post.episode_name:
        yield _clip_episode_name(story.post.episode_name)


def _list_actions(media: tuple[Media, ...], words: Catalogue) -> Iterator[Action]:
    """Yield a link for each kind of media a post embeds, in the order of ``_MEDIA``."""
    kinds = {item.kind: item for item in reversed(media) if sanitize.clean_link(item.url)}
    for kind in [kind for kind in _MEDIA if kind in kinds][:MAX_ACTIONS]:
        url = sanitize.clean_link(kinds[kind].url)
        yield Action(url=url, label=words.gettext(_MEDIA[kind]))


def _write_more_title(episode: str, words: Catalogue) -> str:
    name = _clip_episode_name(episode)
    if name:
        return words.gettext("More on “{name}”", name=name)
    return words.gettext("More on this episode")


def _clip_episode_name(episode: str) -> str:
    """Return the name of an *episode*, clipped; Latin words may take more characters than Han."""
    return _clean_and_clip(episode, MAX_EPISODE if " " in episode.strip() else MAX_NAME)


def _list_siblings(story: Story, issue: Issue, letterhead: Branding) -> Iterator[Action]:
    for post in story.pick.siblings[:MAX_SIBLINGS]:
        if sanitize.clean_link(post.url) and sanitize.clean_line(post.title):
            yield _make_post_link(post.url, post.title, post.language, issue, letterhead)


def _make_post_link(
    url: str, title: str, language: str, issue: Issue, letterhead: Branding
) -> Action:
    """Return the link of a post by its title, else by its address."""
    label = _clean_and_clip(title, MAX_TITLE) or _clean_and_clip(url, MAX_NAME)
    return Action(
        url=sanitize.add_utm_parameters(sanitize.clean_link(url), letterhead.utm),
        label=label,
        language=sanitize.find_passage_language(label, language, issue.edition.language),
    )


def _make_shown_quote(
    pull: PullQuote | None, issue: Issue, words: Catalogue, letterhead: Branding
) -> ShownQuote | None:
    text = sanitize.clean_line(pull.quote.text) if pull else ""
    if pull is None or not 0 < len(text) <= MAX_QUOTE:
        return None  # a quotation is shown whole or not at all
    around = issue.edition.language
    language = sanitize.find_passage_language(text, "", around)
    marks = load_catalogue(language, letterhead.strings) if language else words
    return ShownQuote(
        text=text,
        marked=marks.gettext("“{quote}”", quote=text),
        speaker=_clean_and_clip(pull.quote.speaker or "", MAX_SPEAKER),
        url=sanitize.add_utm_parameters(sanitize.clean_link(pull.url), letterhead.utm),
        title=_clean_and_clip(pull.title, MAX_TITLE),
        language=language,
    )


def _make_shown_theme(theme: Theme, words: Catalogue) -> Topic:
    return Topic(
        name=_clean_and_clip(theme.name, MAX_NAME),
        posts=words.ngettext("{n} post", "{n} posts", theme.posts),
        change=_describe_change(theme, words),
    )


def _describe_change(theme: Theme, words: Catalogue) -> str:
    if theme.change is None or theme.change == 0:
        return ""
    if theme.change == theme.posts:
        return words.gettext("new")
    wording = "up {n}" if theme.change > 0 else "down {n}"
    return words.gettext(wording, n=words.number(abs(theme.change)))


def _list_also_links(issue: Issue, letterhead: Branding) -> Iterator[Action]:
    """Yield the links of the "also" list, but what stands under its story already."""
    shown = {post.url for story in issue.stories for post in (story.post, *story.pick.siblings)}
    for item in issue.also:
        if sanitize.clean_link(item.url) and item.url not in shown:
            yield _make_post_link(item.url, item.title, "", issue, letterhead)


def _clean_and_clip(text: str, limit: int) -> str:
    return sanitize.clip_text(sanitize.clean_line(text), limit)
