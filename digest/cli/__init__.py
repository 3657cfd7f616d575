"""The command line: one file per command group, no logic.

Every command is listed here with its one line of help, so that ``digest --help`` imports nothing
but click; a command's module is imported when the command runs.
"""

import sys
from io import TextIOWrapper

import click

from digest.cli.base import LazyGroup, mute_stdout
from digest.model.errors import DigestError

COMMANDS = {
    "demo": ("digest.cli.setup", "Make an issue of the sample blog in DIR, with no network."),
    "init": ("digest.cli.setup", "Find the feed of the blog at URL and write digest.toml."),
    "doctor": ("digest.cli.setup", "Say what is configured, reachable and missing."),
    "collect": ("digest.cli.collect", "Read the sources and store what is new."),
    "draft": ("digest.cli.issues", "Make the issue of a week, with email and thread drafts."),
    "show": ("digest.cli.issues", "Show an issue: what was chosen, and why."),
    "threads": ("digest.cli.issues", "Show the thread drafts of an issue."),
    "export": ("digest.cli.issues", "Write one form of an issue: HTML, text, eml, thread, ..."),
    "preview": ("digest.cli.preview", "See an issue in the browser, change it and approve it."),
    "approve": ("digest.cli.issues", "Approve an issue: these bytes, and no others, may leave."),
    "send": ("digest.cli.send", "Send an approved issue by mail, to each reader once."),
    "post": ("digest.cli.post", "Post the approved thread of an issue, each part once."),
    "resolve": ("digest.cli.post", "List and settle what is unknown or waits for you."),
    "tick": ("digest.cli.schedule", "Do what the schedules say is due: draft, send, post."),
    "schedule": ("digest.cli.schedule", "See and steer what runs by itself, and why it did not."),
    "login": ("digest.cli.post", "Get an account on a network ready, step by step."),
    "subscribers": ("digest.cli.subscribers", "Add, import, export, let go of subscribers."),
    "serve": ("digest.cli.serve", "Serve the public pages: subscribe, confirm, choose, leave."),
    "backup": ("digest.cli.setup", "Copy the store to a file."),
    "restore": ("digest.cli.setup", "Put a backup back; it sends nothing twice."),
    "summarize": ("digest.cli.summarize", "Summarize Markdown or HTML posts, with no set-up."),
    "train": ("digest.cli.summarize", "Train the sentence ranker on your own archive."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
@click.version_option(
    None, "--version", message="digest %(version)s", package_name="digest-newsletter"
)
def cli() -> None:
    """The best of a blog, every week: an email and thread drafts, quotations verbatim.

    Start with: digest demo
    """


def _speak_utf8() -> None:
    """Write UTF-8 to files and pipes, whatever the locale; a terminal shows what it can."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def main() -> None:
    """Run the command line; a DigestError ends in one line on stderr and its exit status."""
    _speak_utf8()
    try:
        cli(prog_name="digest")
    except DigestError as error:
        click.echo(f"digest: {error}", err=True)
        sys.exit(error.exit_status)
    except OSError as error:
        mute_stdout()
        nameless = "the folder you are in" if isinstance(error, FileNotFoundError) else "output"
        click.echo(f"digest: {error.filename or nameless}: {error.strerror}", err=True)
        sys.exit(1)


__all__ = ["COMMANDS", "cli", "main"]
