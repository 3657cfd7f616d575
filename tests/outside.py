"""An issue and a letterhead with the same words wherever somebody outside can put some."""

from dataclasses import replace

from digest.model import Document, Image, Link, Media, Note, PullQuote, Section, Theme
from digest.render.branding import Appearance
from tests.issues import chinese, letterhead, post, said, story


def issue_of(words):
    """Return an issue with *words* wherever a post, its feed or the editor can put some."""
    url = f"https://fog.example/{words}?e={words}#{words}"
    item = post(
        1,
        words,
        words,
        url=url,
        image=Image(url=f"https://pictures.example/i.png?e={words}", alt=words, width=1200),
        episode_name=words,
        author=words,
        document=Document(media=(Media(kind="youtube", url=url, title=words),)),
    )
    lead = story(item, 5, (replace(item, id="sibling"),))
    lead = replace(lead, reading=replace(lead.reading, points=(words, f"{words}.")))
    link = Link(url=url, title=words)
    note = Note(place="top", title=words, text=f"{words} [{words}]({url})", link=link, sponsor=True)
    plain = chinese()
    return replace(
        plain,
        edition=replace(plain.edition, title=words, site=url),
        subject=words,
        preheader=words,
        headline=words,
        intro=words,
        sections=(
            Section(title="", stories=(lead,)),
            Section(title=words, stories=(replace(lead, pick=replace(lead.pick, post=item)),)),
        ),
        pull_quote=PullQuote(quote=said(words, words), url=url, title=words),
        also=(link, replace(link, url=f"{url}2")),
        themes=(Theme(name=words, posts=2, change=1),),
        notes=(note,),
    )


def letterhead_of(words):
    """Return a letterhead with *words* wherever digest.toml can put some."""
    plain = " ".join(words.replace("\x00", "").split())
    logo = Image(url=f"https://pictures.example/{words}.png", alt=words, width=160)
    return letterhead(
        sender=f'"{plain}" <weekly@blog.example.org>',
        reply_to=f'"{plain}" <editor@blog.example.org>',
        postal_address=words,
        strings={"Read on": words, "Unsubscribe": words, "Preferences": words},
        utm={"utm_source": words},
        look=Appearance(logo=logo),
    )
