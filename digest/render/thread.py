"""Issue -> Thread: a planner, not a cutter.

A thread opens with a hook that stands alone, goes on with one idea a part, each told from one
story's summary and its best quotation, and ends on what is left to say. Every text is taken in
the fullest form that fits whole; only where not even a title does is one divided.

What planning a thread has at hand: its network's rules, the issue, the room of a part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from digest.model import Attachment, Issue, Part, Section, Story, Thread
from digest.model.errors import DraftError
from digest.model.ports.social import Network
from digest.render.thread_split import PartRoom, divide_text
from digest.render.thread_texts import (
    choose_best_quote,
    choose_hashtags,
    choose_points,
    choose_quotes,
    disarm_mentions,
    display_quote,
    strip_quote_comma,
    write_evidence,
    write_hooks,
    write_invitation,
    write_leftovers,
    write_quote_with_speaker,
    write_tellings,
)
from digest.text.localization import Catalogue, load_catalogue
from digest.text.twitter_text import encode_url


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadOptions:
    """How one thread is to be.

    ``link`` is a page that holds the whole issue; where there is none the thread leads to its
    lead story. ``card`` is a picture of the issue's pull-quote.
    """

    link: str = ""
    card: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPart:
    """One part to be: its text, the link that goes with it, the picture of its quotation."""

    text: str
    link: str = ""
    media: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadBrief:
    """One issue on its way to one network: what every step of the planning needs."""

    network: Network
    words: Catalogue
    issue: Issue
    taste: ThreadOptions

    @property
    def stories(self) -> tuple[Story, ...]:
        """Return the stories of the issue, the lead first."""
        return tuple(self.issue.stories)

    @property
    def link(self) -> str:
        """Return the link of the thread: the issue's page, else the lead."""
        return self.taste.link or self.stories[0].post.url

    @property
    def on_root(self) -> bool:
        """Return whether the link stands in the first part."""
        return self.network.limits.link != "last"

    def room(self, below: str = "") -> PartRoom:
        """Return the room of a part that must hold *below* under its text."""
        limits = self.network.limits
        extra = f"\n\n{below}" if below else ""
        extra += " 8/8" if limits.numbering else ""
        return PartRoom(
            measure=self.network.measure,
            limit=limits.characters - self.network.measure(extra),
            bytes=limits.bytes and limits.bytes - len(extra.encode()),
        )

    @property
    def apart(self) -> bool:
        """Return whether picture and link exclude each other, as where a link is a card."""
        return bool(self.taste.card) and self.network.limits.card

    @property
    def returns(self) -> bool:
        """Return whether the last link leads back to the lead, one of several stories."""
        return not self.on_root and not self.taste.link and len(self.stories) > 1

    def story_link(self, story: Story) -> str:
        """Return the link of one story's part: every story told is one step away.

        A page of the whole issue on the root leads to all of them; without one each part leads to
        its own, but where a link costs or the network wants a single one.
        """
        limits = self.network.limits
        each = limits.link == "each" or (limits.link == "root" and not self.taste.link)
        return story.post.url if each else ""

    def shown(self, link: str) -> str:
        """Return *link* as it stands in a text, "" where it travels as a card."""
        return "" if self.network.limits.card or not link else encode_url(link)

    def footer(self) -> str:
        """Return what stands under the part with the thread's link: the link, and hashtags."""
        tags = " ".join(choose_hashtags(self.stories, self.network.limits.hashtags))
        link = self.shown(self.link)
        if link and not self.on_root:
            whole = bool(self.taste.link)
            link = f"{write_invitation(len(self.stories), whole, self.words)}\n{link}"
        return "\n\n".join(text for text in (link, tags) if text)


def fit_forms(room: PartRoom, forms: Iterable[str]) -> list[PlannedPart]:
    """Return the first of *forms* that fits whole, none if it is empty; else the last divided."""
    last = ""
    for last in map(disarm_mentions, forms):
        if room.fits(last):
            return [PlannedPart(text=last)] if last else []
    return [PlannedPart(text=text) for text in divide_text(last, room)]


MOST_IDEAS = 8
FEWEST_IDEAS = 3
IDEAS_OF_ONE = 6  # how far a single story may be told


def plan_thread(
    issue: Issue,
    network: Network,
    *,
    words: Catalogue | None = None,
    taste: ThreadOptions | None = None,
) -> Thread:
    """Return the thread of *issue* for *network*: 3 to 8 parts where the issue has as much.

    The furniture is in the language of the issue unless *words* says otherwise. Raises DraftError
    where the issue has no story.
    """
    brief = ThreadBrief(
        network=network,
        words=words or load_catalogue(issue.edition.language),
        issue=issue,
        taste=taste or ThreadOptions(),
    )
    if not brief.stories:
        raise DraftError(issue.id, "there is no story to make a thread of")
    return make_thread(network, _finish_parts(brief, _plan_parts(brief)))


def plan_story(
    story: Story, issue: Issue, network: Network, *, card: Attachment | None = None
) -> Thread:
    """Return a thread on one *story* of *issue*: its summary, its quotations, its link.

    *card* is a picture of the story's best quotation.
    """
    alone = display_quote(story, issue)
    alone = replace(alone, sections=(Section(title="", stories=(story,)),), also=())
    return plan_thread(alone, network, taste=ThreadOptions(card=card))


def make_thread(network: Network, ideas: Sequence[PlannedPart], *said: str) -> Thread:
    """Return the thread that *ideas* make as they stand; *said* is what to warn of before."""
    parts = tuple(
        Part(
            text=idea.text,
            length=network.measure(idea.text),
            limit=network.limits.characters,
            link=_find_part_link(network, idea),
            media=idea.media,
        )
        for idea in ideas
    )
    noted = [network.limits.note] if network.limits.note else []
    found = [(n, line) for n, part in enumerate(parts, 1) for line in network.warnings(part.text)]
    found += [
        (n, "a picture has no alternative text: write it behind its name, after a colon")
        for n, part in enumerate(parts, 1)
        if not all(picture.alt for picture in part.media)
    ]
    most = network.limits.images
    return Thread(
        network=network.name,
        parts=parts,
        cost_usd=network.cost(parts),
        warnings=(*noted, *said, *(f"part {n}: {line}" for n, line in found)),
        faults=tuple(
            f"part {n}: {len(part.media)} pictures, and {most} is the most a post takes"
            for n, part in enumerate(parts, 1)
            if len(part.media) > most
        ),
    )


def _find_part_link(network: Network, idea: PlannedPart) -> str | None:
    """Return the link a reader of the part sees first: its card, or the last one in its text."""
    if network.limits.card:
        return idea.link or None
    whole = (link for link in network.links(idea.text)[::-1] if "://" in link)
    return next(whole, None)


def number_parts(ideas: Sequence[PlannedPart]) -> list[PlannedPart]:
    """Return *ideas* with their place behind every one but the first: " 2/7"."""
    return [
        replace(idea, text=f"{idea.text} {place}/{len(ideas)}") if place > 1 else idea
        for place, idea in enumerate(ideas, 1)
    ]


def _plan_parts(brief: ThreadBrief) -> list[PlannedPart]:
    """Return the parts without footer: hook, the lead's quotation, stories, what got no part.

    A link to the lead alone stands under the lead's words, so that nobody takes it for another
    story's: its quotation ends such a thread. A link to the whole issue stands under the last part.
    """
    footer, (lead, *others) = brief.footer(), brief.stories
    below = "" if brief.on_root else footer
    hook, quoted = (
        _plan_hook(brief, lead, "" if below else footer),
        _plan_quotation(brief, lead, ""),
    )
    quoted, told, untold = _budget_parts(brief, others, MOST_IDEAS - len(hook), quoted)
    ending = _plan_ending(brief, lead, untold, below)
    opening = [*hook] if brief.returns and not untold else [*hook, *quoted]
    ideas = opening + _plan_stories(brief, told, "" if ending else below)
    wanted = FEWEST_IDEAS if others else IDEAS_OF_ONE
    ideas += _plan_more_parts(brief, wanted - len(ideas + ending), ideas + ending, below)
    fits = not below or any(brief.room(below).fits(idea.text) for idea in ideas[-1:])
    return [*ideas, *(ending or ([] if fits else [PlannedPart(text="")]))]


def _budget_parts(
    brief: ThreadBrief, others: Sequence[Story], room: int, quoted: list[PlannedPart]
) -> tuple[list[PlannedPart], list[Story], list[Story]]:
    """Return the lead's quotation, the stories that get a part of *room*, and the others.

    A whole story comes before a second word of the lead, unless that is the one on display.
    """
    apart = sum(_needs_two_parts(brief, story) for story in others)
    needed, extra = len(others) + apart, max(len(quoted), brief.returns)
    if needed <= room < needed + extra and not brief.returns and not _has_picture(quoted):
        return [], list(others), []
    if needed + extra <= room:
        return quoted, list(others), []
    return quoted, *_choose_stories(others, room - len(quoted) - apart - 1)


def _plan_ending(
    brief: ThreadBrief, lead: Story, untold: Sequence[Story], below: str
) -> list[PlannedPart]:
    """Return the part that ends the thread, none where its last story does."""
    if untold:
        named = fit_forms(brief.room(below), write_leftovers(untold, brief.words))
        return named or ([PlannedPart(text="")] if below else [])
    return (_plan_quotation(brief, lead, below) or [PlannedPart(text="")]) if brief.returns else []


def _plan_stories(brief: ThreadBrief, told: Sequence[Story], below: str) -> list[PlannedPart]:
    """Return the parts of *told*, the last over *below*; every third is led by its quotation."""
    ideas: list[PlannedPart] = []
    for place, story in enumerate(told):
        under = below if place == len(told) - 1 else ""
        ideas += _plan_story_parts(brief, story, led=place % 3 == 1, below=under)
    return ideas


def _choose_stories(stories: Sequence[Story], most: int) -> tuple[list[Story], list[Story]]:
    """Return the best *most* stories in reading order, and the others."""
    ranked = sorted(range(len(stories)), key=lambda n: (-stories[n].pick.score, n))
    kept = set(ranked[: max(most, 0)])
    return (
        [story for n, story in enumerate(stories) if n in kept],
        [story for n, story in enumerate(stories) if n not in kept],
    )


def _plan_hook(brief: ThreadBrief, lead: Story, below: str) -> list[PlannedPart]:
    forms = write_hooks(brief.issue, lead, len(brief.stories), brief.words)
    return fit_forms(brief.room(below), forms)


def _plan_story_parts(
    brief: ThreadBrief, story: Story, *, led: bool, below: str
) -> list[PlannedPart]:
    quote = choose_best_quote(story, brief.issue)
    if quote and _needs_two_parts(brief, story):
        pictured = _add_card(
            brief, [PlannedPart(text=disarm_mentions(write_quote_with_speaker(quote, brief.words)))]
        )
        return [
            *pictured,
            *_fit_story(brief, story, write_tellings(story, None, brief.words), below),
        ]
    shown = _is_on_display(brief, story)
    forms = write_tellings(story, quote, brief.words, led=led or shown, kept=shown)
    ideas = _add_card(brief, _fit_story(brief, story, forms, below))
    if shown and brief.taste.card and ideas and not _has_picture(ideas):  # its words were cut
        ideas[0] = replace(ideas[0], media=(brief.taste.card,))
    return ideas


def _fit_story(
    brief: ThreadBrief, story: Story, forms: Iterable[str], below: str
) -> list[PlannedPart]:
    link = brief.story_link(story)
    ideas = fit_forms(brief.room(below or brief.shown(link)), forms)
    return [replace(idea, link=link) for idea in ideas[:1]] + ideas[1:]


def _is_on_display(brief: ThreadBrief, story: Story) -> bool:
    """Return whether the quotation on display was said in *story*."""
    shown = brief.issue.pull_quote
    return shown is not None and choose_best_quote(story, brief.issue) == shown.quote


def _needs_two_parts(brief: ThreadBrief, story: Story) -> bool:
    """Return whether quotation and story need two parts: the picture takes the link's place."""
    return brief.apart and _is_on_display(brief, story) and bool(brief.story_link(story))


def _plan_quotation(brief: ThreadBrief, lead: Story, below: str) -> list[PlannedPart]:
    """Return the lead's quotation as a part over *below*, with a point where there is room."""
    quote = choose_best_quote(lead, brief.issue)
    forms = map(disarm_mentions, write_evidence(quote, lead, brief.words) if quote else ())
    text = next(filter(brief.room(below).fits, forms), "")
    return _add_card(brief, [PlannedPart(text=text)]) if text else []


def _plan_more_parts(
    brief: ThreadBrief, missing: int, ideas: Sequence[PlannedPart], below: str
) -> list[PlannedPart]:
    """Return up to *missing* more parts, where few stories have more to say."""
    said, stories = "\n".join(idea.text for idea in ideas), brief.stories
    told = [
        (strip_quote_comma(q), write_quote_with_speaker(q, brief.words))
        for s in stories
        for q in choose_quotes(s)
    ]
    told += [(point, point) for s in stories for point in choose_points(s)]
    further = [disarm_mentions(text) for words, text in told if disarm_mentions(words) not in said]
    fitting = [PlannedPart(text=text) for text in further if brief.room(below).fits(text)]
    return fitting[: max(missing, 0)]


def _has_picture(ideas: Sequence[PlannedPart]) -> bool:
    return any(idea.media for idea in ideas)


def _add_card(brief: ThreadBrief, ideas: Sequence[PlannedPart]) -> list[PlannedPart]:
    card, shown = brief.taste.card, brief.issue.pull_quote
    if not card or not shown:
        return list(ideas)
    said = disarm_mentions(strip_quote_comma(shown.quote))
    return [replace(idea, media=(card,)) if said in idea.text else idea for idea in ideas]


def _finish_parts(brief: ThreadBrief, ideas: Sequence[PlannedPart]) -> list[PlannedPart]:
    """Return *ideas* with their links, footer and numbers, in one part where that is all."""
    at = 0 if brief.on_root else len(ideas) - 1
    footed = [_add_footer(brief, idea, footer=n == at) for n, idea in enumerate(ideas)]
    if brief.network.limits.parts == 1:
        return [_merge_in_one_part(brief, footed, at)]
    return number_parts(footed) if brief.network.limits.numbering else footed


def _add_footer(brief: ThreadBrief, idea: PlannedPart, *, footer: bool) -> PlannedPart:
    link = brief.link if footer else idea.link
    below = brief.footer() if footer else brief.shown(link)
    text = "\n\n".join(text for text in (idea.text, below) if text)
    return replace(idea, text=text, link=encode_url(link) if link else "")


def _merge_in_one_part(brief: ThreadBrief, ideas: Sequence[PlannedPart], at: int) -> PlannedPart:
    """Return *ideas* as one part: as many as fit, in order, and always the one with the footer."""
    kept = {at}
    for place in range(len(ideas)):
        tried = sorted({*kept, place})
        if brief.room().fits("\n\n".join(ideas[n].text for n in tried)):
            kept.add(place)
    chosen = [ideas[n] for n in sorted(kept)]
    media = tuple(picture for idea in chosen for picture in idea.media)
    return PlannedPart(text="\n\n".join(i.text for i in chosen), link=ideas[at].link, media=media)
