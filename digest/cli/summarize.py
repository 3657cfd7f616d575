"""``digest summarize`` and ``digest train``: work on files, with no set-up."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from digest.cli.group import Command, Output, output
from digest.model import Post, Skipped, SummaryFrom

_POSTS = frozenset({".md", ".markdown", ".html", ".htm"})


@click.command(cls=Command)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--max-chars", default=120, show_default=True, help="The longest summary wanted.")
@click.option("--ignore-description", is_flag=True, help="Leave the author's abstract unused.")
@click.option("--with-text", is_flag=True, help="Add the clean text that offsets count in.")
@click.pass_context
def summarize(
    context: click.Context,
    paths: tuple[Path, ...],
    max_chars: int,
    ignore_description: bool,
    with_text: bool,
) -> None:
    """Summarize Markdown or HTML posts, files or folders of them, with no set-up.

    Needs no configuration, no store and no network; every quotation is verbatim in its post.
    """
    from digest.summarize import row, table
    from digest.summarizers.extract import build

    out, summarizer = output(context), build({})
    prefer: SummaryFrom = "extract" if ignore_description else "author"
    for file, post in _posts(paths, out):
        read = row(file.name, post, summarizer, max_chars=max_chars, prefer=prefer)
        if not with_text:
            del read["text"]
        click.echo(json.dumps(read, ensure_ascii=False) if out.json else table(read))


def _posts(paths: tuple[Path, ...], out: Output) -> Iterator[tuple[Path, Post]]:
    """Yield the posts among *paths* with their files; say of the others why they are left out."""
    from digest.sources import hugo

    for file in _files(paths):
        found = hugo.read(file)
        if isinstance(found, Skipped):
            out.warn(f"{file}: {found.reason}")
        else:
            yield file, found


def _files(paths: tuple[Path, ...]) -> list[Path]:
    """Return the posts among *paths* and in the folders among them, by the order of their names."""
    inside = [p.rglob("*") if p.is_dir() else (p,) for p in paths]
    found = {file for some in inside for file in some if file.suffix.lower() in _POSTS}
    return sorted(found, key=lambda file: (file.name, str(file)))


@click.command(cls=Command)
@click.option("--folder", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", default="extract.json", show_default=True, type=click.Path(path_type=Path))
@click.option("--max-chars", default=120, show_default=True, help="The length of your summaries.")
@click.pass_context
def train(context: click.Context, folder: Path, out: Path, max_chars: int) -> None:
    """Train the sentence ranker on your own archive: its descriptions are the labels.

    Writes the weights to a file that the summarizer's option ``model`` names, and prints how well
    they do on each month that they were not trained on (ROUGE-1, -2 and -L). Needs numpy.
    """
    from digest import train as training

    said = output(context)
    posts = [post for _, post in _posts((folder,), said)]
    examples = training.examples(posts, max_chars)
    said.say(f"{len(examples)} posts have a text and a description.")
    scores = training.validate(examples, training.month)
    for month, (one, two, long, count) in scores.items():
        line = {"month": month, "posts": count, "rouge1": one, "rouge2": two, "rougeL": long}
        click.echo(json.dumps(line) if said.json else training.line(month, scores[month]))
    out.write_text(training.dump(training.fit(examples)), encoding="utf-8")
    said.say(f"Wrote {out}.")
