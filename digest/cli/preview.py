"""``digest preview``: the review desk in the browser."""

from pathlib import Path

import click

from digest.cli.base import Command, find_output, open_app


@click.command(cls=Command)
@click.argument("issue", default="")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="By default 4174, or any.")
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@click.option("--watch", is_flag=True, help="Show changes of templates, app, posts at once.")
@click.option(
    "--static",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the preview as files to this folder instead.",
)
@click.pass_context
def preview(
    context: click.Context,
    issue: str,
    port: int | None,
    no_open: bool,
    watch: bool,
    folder: Path | None,
) -> None:
    """See an issue as it will go out, in the browser; change and approve it there.

    ISSUE defaults to the newest. The address, with the key that opens it, is printed on stderr.
    Only this computer can reach it.
    """
    from digest.web.desk.session import Desk

    out = find_output(context)
    desk = Desk(app=open_app(out), issue=issue)
    revision = desk.revision()
    if folder is not None:
        from digest.app.archive import write_files
        from digest.web.desk.static_export import make_preview_files

        write_files(make_preview_files(desk, revision), folder)
        out.say(f"Written to {folder}: open {folder / 'index.html'} in a browser.")
        return
    from digest.web.desk.server import serve_desk

    def tell(address: str) -> None:
        click.echo(address, err=True)
        out.say("Stop it with Ctrl-C.")

    if watch:
        from digest.web.desk.live_reload import start_watching as look

        look(desk)
    serve_desk(desk, port=port, tell=tell, visit=not no_open)
