"""``digest serve``: the public pages."""

import click

from digest.cli.base import Command, output


@click.command(cls=Command)
@click.option("--host", default="", metavar="ADDRESS", help="Listen here; by default 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen on this port; 0: a free one.")
@click.pass_context
def serve(context: click.Context, host: str, port: int | None) -> None:
    """Serve the public pages: subscribe, confirm, choose, leave, and what providers report.

    Runs until it is interrupted. Put a reverse proxy with HTTPS before it and set [serve] url.
    """
    import msgspec

    from digest.config.settings import load_settings
    from digest.web.public.app import serve as run

    out = output(context)
    settings = load_settings(out.config)
    changed = {"host": host} if host else {}
    own = msgspec.structs.replace(settings.serve, **changed)
    if port is not None:
        own = msgspec.structs.replace(own, port=port)
    run(msgspec.structs.replace(settings, serve=own), verbose=out.verbose)
