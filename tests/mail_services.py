"""Resend, Buttondown and listmonk as they show on the wire, with what goes wrong there.

``service.fault(...)`` makes the next request that changes something fail: "lost" carries it out
and drops the connection, "unheard" drops it before anything is done; an Answer is given instead.
"""

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.faults import dropped
from tests.http_server import Answer, HttpServer, Request, as_json

HTML_ERROR = Answer(status=502, body=b"<html>Bad gateway</html>", etag="")


def busy(seconds: int) -> Answer:
    """Return the answer to one who asks too often."""
    return Answer(
        status=429,
        body=b'{"name":"rate_limit_exceeded","message":"Too many requests"}',
        type="application/json",
        headers={"Retry-After": str(seconds)},
    )


@dataclass
class Service:
    """What the fakes have in common: a key, a script of faults, what was asked."""

    server: HttpServer
    key: str
    script: deque["str | Answer"] = field(default_factory=deque)
    sent: list[Any] = field(default_factory=list)

    def fault(self, *faults: "str | Answer") -> None:
        """Let the next requests that change something fail so, in turn."""
        self.script.extend(faults)

    def guarded(self, request: Request, given: str, answer: Any) -> Answer:
        """Return what *answer* makes of *request* where the key is right and no fault is due."""
        if given != self.key:
            return as_json({"message": "API key is invalid", "name": "validation_error"}, 401)
        fault = self.script.popleft() if self.script and request.method != "GET" else None
        if isinstance(fault, Answer):
            return fault
        if fault == "unheard":
            return dropped()
        made = answer(request)
        return dropped() if fault == "lost" else made


class Resend(Service):
    """``POST /emails/batch``, each key carried out once."""

    def __init__(self, server: HttpServer) -> None:
        super().__init__(server, "Bearer re_test")
        self.keys: dict[str, tuple[bytes, Any]] = {}
        self.refused: set[str] = set()
        server.put("POST /emails/batch", lambda r: self.asked(r, self.batch))
        server.put("GET /domains", lambda r: self.asked(r, lambda _r: as_json({"data": []})))

    def asked(self, request: Request, answer: Any) -> Answer:
        return self.guarded(request, request.headers.get("Authorization", ""), answer)

    def batch(self, request: Request) -> Answer:
        key = request.headers["Idempotency-Key"]
        if key in self.keys:
            body, before = self.keys[key]
            if body == request.body:
                return as_json(before)
            return as_json({"name": "invalid_idempotent_request", "message": "other body"}, 409)
        assert request.headers["x-batch-validation"] == "permissive"
        ids, errors = [], []
        for index, one in enumerate(json.loads(request.body)):
            if one["to"][0] in self.refused:
                errors.append({"index": index, "message": "Invalid `to` field."})
                continue
            self.sent.append(one)
            ids.append({"id": f"re-{len(self.sent)}"})
        made = {"data": ids, "errors": errors}
        self.keys[key] = (request.body, made)
        return as_json(made)


class Buttondown(Service):
    """Emails: made as drafts, launched by their status."""

    def __init__(self, server: HttpServer) -> None:
        super().__init__(server, "Token bd_test")
        self.emails: dict[str, dict[str, Any]] = {}
        self.tests: list[tuple[str, list[str]]] = []
        server.put("/v1/subscribers", lambda r: self.asked(r, lambda _r: as_json({"count": 41})))
        server.put("POST /v1/emails", lambda r: self.asked(r, self.make))
        server.put("GET /v1/emails", lambda r: self.asked(r, self.drafts))

    def asked(self, request: Request, answer: Any) -> Answer:
        return self.guarded(request, request.headers.get("Authorization", ""), answer)

    def make(self, request: Request) -> Answer:
        number = f"em_{len(self.emails) + 1}"
        self.emails[number] = {"id": number, **json.loads(request.body)}
        for method, what in (("GET", self.show), ("PATCH", self.change)):
            path = f"{method} /v1/emails/{number}"
            self.server.put(path, lambda r, what=what: self.asked(r, what))
        self.server.put(f"POST /v1/emails/{number}/send-draft", lambda r: self.asked(r, self.test))
        return as_json(self.emails[number], 201)

    def drafts(self, _request: Request) -> Answer:
        found = [one for one in self.emails.values() if one["status"] == "draft"]
        return as_json({"results": found, "count": len(found)})

    def show(self, request: Request) -> Answer:
        return as_json(self.emails[request.path.rpartition("/")[2]])

    def change(self, request: Request) -> Answer:
        one = self.emails[request.path.rpartition("/")[2]]
        if request.headers.get("X-Buttondown-Live-Dangerously") != "true":
            return as_json({"code": "sending_requires_confirmation"}, 400)
        if one["status"] == "draft":
            one |= json.loads(request.body)
            self.sent.append(one)
        return as_json(one)

    def test(self, request: Request) -> Answer:
        number = request.path.split("/")[-2]
        self.tests.append((number, json.loads(request.body)["recipients"]))
        return Answer(status=204, etag="")


class Listmonk(Service):
    """Campaigns: made as drafts, launched by their status; twice is an error."""

    def __init__(self, server: HttpServer) -> None:
        super().__init__(server, "token digest:lm_test")
        self.campaigns: dict[int, dict[str, Any]] = {}
        self.tests: list[list[str]] = []
        lists = {"data": {"results": [{"id": 3, "name": "讀者"}]}}
        server.put("/api/lists", lambda r: self.asked(r, lambda _r: as_json(lists)))
        server.put("POST /api/campaigns", lambda r: self.asked(r, self.make))
        server.put("GET /api/campaigns", lambda r: self.asked(r, self.found))

    def asked(self, request: Request, answer: Any) -> Answer:
        return self.guarded(request, request.headers.get("Authorization", ""), answer)

    def make(self, request: Request) -> Answer:
        number = len(self.campaigns) + 1
        one = {**json.loads(request.body), "id": number, "status": "draft"}
        self.campaigns[number] = one
        path = f"/api/campaigns/{number}"
        self.server.put(f"GET {path}", lambda r: self.asked(r, lambda _r: as_json({"data": one})))
        self.server.put(f"PUT {path}/status", lambda r: self.asked(r, self.launch))
        self.server.put(f"POST {path}/test", lambda r: self.asked(r, self.test))
        return as_json({"data": one})

    def found(self, _request: Request) -> Answer:
        return as_json({"data": {"results": list(self.campaigns.values())}})

    def launch(self, request: Request) -> Answer:
        one = self.campaigns[int(request.path.split("/")[3])]
        if one["status"] != "draft":
            return as_json({"message": "Only paused campaigns and drafts can be started"}, 400)
        one["status"] = "running"
        self.sent.append(one)
        return as_json({"data": one})

    def test(self, request: Request) -> Answer:
        self.tests.append(json.loads(request.body)["subscribers"])
        return as_json({"data": True})
