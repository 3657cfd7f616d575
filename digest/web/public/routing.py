"""One path: what shows, and what acts."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

Endpoint = Callable[[Request], Awaitable[Response]]


def pair(path: str, get: Endpoint | None, post: Endpoint | None) -> list[BaseRoute]:
    """Return the route for *path*: GET and HEAD show, POST acts, OPTIONS says which there are."""
    methods = [*(("GET", "HEAD") if get else ()), *(("POST",) if post else ()), "OPTIONS"]

    async def endpoint(request: Request) -> Response:
        act = post if request.method == "POST" else get
        if request.method == "OPTIONS" or act is None:
            return Response(status_code=204, headers={"Allow": ", ".join(methods)})
        return await act(request)

    return [Route(path, endpoint, methods=methods)]
