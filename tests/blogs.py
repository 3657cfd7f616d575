"""Blogs to work on, as Hugo sees them: the sample that ships, and a real one where it is there."""

import re
from dataclasses import dataclass
from pathlib import Path

from digest.app.demo import SAMPLE
from tests.http_server import Answer, HttpServer, Request, text
from tests.shared import shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Blog:
    """A blog as Hugo sees it: its content, its built site, a busy week of it."""

    content: Path
    site: Path
    week: str


def blogs() -> list[Blog]:
    found = [Blog(content=SAMPLE / "content" / "posts", site=SAMPLE / "public", week="2026-W11")]
    content, site = shared("blog", "content", "posts"), shared("blog", "replay", "02-20260115")
    if content and site:
        found.append(Blog(content=content, site=site, week="2026-W02"))
    return found


def publish(blog: Blog, server: HttpServer) -> str:
    """Serve the site of *blog*, its own address replaced by the server's; return the feed's URL."""
    feed = blog.site / "posts" / "index.xml"
    said = re.search(r"<link>(https?://[^/<]+)", feed.read_text("utf-8"))[1]
    server.folder(blog.site)

    def page(request: Request) -> Answer:
        body = (blog.site / request.path.lstrip("/") / "index.html").read_text("utf-8")
        return text(body.replace(said, server.url))

    for path in (blog.site / "posts").iterdir():
        if path.is_dir():
            server.put(f"/posts/{path.name}/", page)
    body = feed.read_text("utf-8").replace(said, server.url)
    return server.put("/posts/index.xml", text(body, "application/xml"))
