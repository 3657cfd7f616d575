"""``digest collect | show posts``: read the sources, store what is new, list what is stored."""

import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from digest.cli.base import Command, Output, find_output, open_app
from digest.model.errors import ConfigError, NothingToDo, SourceError

if TYPE_CHECKING:
    from digest.model import Post


@click.command(cls=Command)
@click.argument("urls", metavar="[URL]...", nargs=-1)
@click.option("--release", is_flag=True, help="Read nothing; let in what a flood held back.")
@click.pass_context
def collect(context: click.Context, urls: tuple[str, ...], release: bool) -> None:
    """Read the sources and store what is new.

    Fetches the full text of new and changed posts. Exit status 3 when nothing changed, 1 when a
    source could not be read. With --release the posts that came in a flood, or the held posts at
    URL alone, are new from now on.
    """
    from digest.editorial import pipeline
    from digest.editorial.collect import list_warnings
    from digest.render.export import build_collected_json, report_collected

    out = find_output(context)
    if urls and not release:
        raise ConfigError(urls[0], "an address was given without --release", "Give both, or none.")
    kit = open_app(out).kit()
    if release:
        _tell_released(pipeline.release(kit, datetime.now(UTC), urls), out)
        return
    found = pipeline.gather_posts(kit, datetime.now(UTC), progress=make_progress(out))
    for one in found:
        if out.json:
            click.echo(json.dumps(build_collected_json(one), ensure_ascii=False))
        else:
            click.echo(report_collected(one, verbose=out.verbose))
    for line in list_warnings(found):
        out.warn(line)
    if failed := sum(one.failed is not None for one in found):
        raise SourceError(f"{failed} of {len(found)} sources", "could not be read")
    if not any(one.new or one.changed for one in found):
        raise NothingToDo("collect", "nothing is new")


def _tell_released(freed: "Sequence[Post]", out: Output) -> None:
    from digest.render.export import build_post_json

    if not freed:
        raise NothingToDo("collect --release", "no post is held from a flood")
    for post in freed if out.json else ():
        click.echo(json.dumps(build_post_json(post), ensure_ascii=False))
    out.say(f"{len(freed)} {'post is' if len(freed) == 1 else 'posts are'} let in.")


def show_posts(out: Output, *, source: str, held: bool, most: int) -> None:
    """Print the stored posts, newest first: a line each, or JSON a line."""
    from digest.render.export import build_post_json, report_posts

    app = open_app(out)
    count, posts = app.posts.newest(source, held=held, most=most)
    if not posts:
        which = f"of {source} " if source else ""
        state = "held" if held else "stored"
        raise NothingToDo("show posts", f"no post {which}is {state}", "Try: digest collect")
    for post in posts if out.json else ():
        click.echo(json.dumps(build_post_json(post), ensure_ascii=False))
    if not out.json:
        about = app.feeds.about
        names = {post.source for post in posts}
        zones = {name: app.settings.timezone or about(name).timezone for name in names}
        click.echo(report_posts(count, posts, zones, verbose=out.verbose))


def show_post(out: Output, url: str) -> None:
    """Print the stored post at *url* and what it said before it was edited."""
    from digest.render.export import build_versions_json, report_versions

    found = open_app(out).posts.versions(url)
    if not found:
        raise NothingToDo(url, "no post of that address is stored", "Look at: digest show posts")
    for post, versions in found:
        if out.json:
            click.echo(json.dumps(build_versions_json(post, versions), ensure_ascii=False))
        else:
            click.echo(report_versions(post, versions))


def make_progress(out: Output) -> Callable[[int, int], None] | None:
    """Return what shows progress on a terminal; None in a pipe or where quiet was asked for."""
    if out.quiet or not sys.stderr.isatty():
        return None

    def show(done: int, of: int) -> None:
        click.echo(f"\r{done}/{of} posts", err=True, nl=done == of)

    return show
