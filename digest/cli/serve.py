"""``digest serve``: the public pages."""

import click

from digest.cli.base import Command, find_output, open_app


@click.command(cls=Command)
@click.option("--host", default="", metavar="ADDRESS", help="Listen here; by default 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen on this port; 0: a free one.")
@click.pass_context
def serve(context: click.Context, host: str, port: int | None) -> None:
    """Serve the public pages: subscribe, confirm, choose, leave, and what providers report.

    Runs until it is interrupted. Put a reverse proxy with HTTPS before it and set [serve] url.
    """
    import msgspec

    from digest.app.composition import App
    from digest.web.public.app import serve_public as run

    out = find_output(context)
    app = open_app(out)
    changed = {"host": host} if host else {}
    own = msgspec.structs.replace(app.settings.serve, **changed)
    if port is not None:
        own = msgspec.structs.replace(own, port=port)
    run(App(msgspec.structs.replace(app.settings, serve=own)), verbose=out.verbose)
