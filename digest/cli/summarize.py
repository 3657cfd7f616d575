"""``digest summarize`` and ``digest train``: work on files, with no set-up."""

import json
from pathlib import Path

import click

from digest.cli.base import Command, find_output
from digest.model import SummaryFrom
from digest.model.errors import DigestError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)
_FEW = 20


@click.command(cls=Command)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--max-chars",
    type=click.IntRange(min=1),
    default=120,
    show_default=True,
    help="The longest summary wanted.",
)
@click.option("--ignore-description", is_flag=True, help="Leave the author's abstract unused.")
@click.option("--with-text", is_flag=True, help="Add the clean text that offsets count in.")
@click.option("--model", type=_FILE, help="Weights of your own, as digest train wrote them.")
@click.pass_context
def summarize(
    context: click.Context,
    paths: tuple[Path, ...],
    max_chars: int,
    ignore_description: bool,
    with_text: bool,
    model: Path | None,
) -> None:
    """Summarize Markdown or HTML posts, files or folders of them, with no set-up.

    Needs no configuration, no store and no network; every quotation is verbatim in its post.
    """
    from digest.app.summarize_files import format_row, summarize_files
    from digest.model import SkippedPost

    out, done, left = find_output(context), 0, 0
    prefer: SummaryFrom = "extract" if ignore_description else "author"
    for read in summarize_files(paths, max_chars=max_chars, prefer=prefer, model=str(model or "")):
        if isinstance(read, SkippedPost):
            left += 1
            out.warn(f"{read.url}: {read.reason}")
            continue
        done += 1
        shown = {k: v for k, v in read.items() if with_text or k != "text"}
        if not out.line(json.dumps(shown, ensure_ascii=False) if out.json else format_row(shown)):
            return
    if not done:
        cause = "none of them could be read" if left else "there is no post"
        raise DigestError(str(paths[0]), cause, "Give Markdown or HTML files, or a folder of them.")


@click.command(cls=Command)
@click.option("--folder", required=True, type=_FOLDER, metavar="DIR", help="The archive.")
@click.option("--out", default="extract.json", show_default=True, type=_NEW, help="The weights.")
@click.option(
    "--max-chars",
    type=click.IntRange(min=1),
    default=120,
    show_default=True,
    help="The length of your summaries.",
)
@click.pass_context
def train(context: click.Context, folder: Path, out: Path, max_chars: int) -> None:
    """Train the sentence ranker on your own archive: its descriptions are the labels.

    Writes the weights to a file that the summarizer's option ``model`` names, and prints how well
    they do on each month that they were not trained on (ROUGE-1, -2 and -L). Needs numpy.
    """
    from digest.app.summarize_files import read_archive
    from digest.text.ranking import training

    said = find_output(context)
    examples = training.build_examples(read_archive(folder), max_chars)
    if len(examples) < _FEW:
        cause = f"{len(examples)} posts have a text and a description; {_FEW} are the least"
        raise DigestError(str(folder), cause, "Give a larger archive.")
    said.say(f"{len(examples)} posts have a text and a description.")
    scores = training.cross_validate(examples, training.format_month)
    for month, (one, two, long, count) in scores.items():
        line = {"month": month, "posts": count, "rouge1": one, "rouge2": two, "rougeL": long}
        click.echo(json.dumps(line) if said.json else training.format_scores(month, scores[month]))
    try:
        out.write_text(training.dump_model(training.fit_model(examples)), encoding="utf-8")
    except OSError as error:
        remedy = "Choose a place that you may write to: --out FILE"
        raise DigestError(str(out), f"cannot be written: {error.strerror}", remedy) from None
    said.say(f"Wrote {out}.")
