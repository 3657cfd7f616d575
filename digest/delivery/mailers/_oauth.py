"""OAuth by a refresh token (RFC 6749, 6): access tokens for accounts that take no password.

Google and Microsoft hand out tokens for about an hour. One is asked for before the first sign-in,
and again shortly before it ends or when it is not taken.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from digest.http.json_api import (
    JsonService,
    UnansweredError,
    UnsentError,
    describe_error,
    parse_object,
)
from digest.model.errors import ConfigError, DigestError

URLS: Mapping[str, str] = {
    "google": "https://oauth2.googleapis.com/token",
    "microsoft": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
}
SCOPES: Mapping[str, str] = {
    "microsoft": "https://outlook.office.com/SMTP.Send offline_access",
}
_EARLY = 120.0  # seconds before its end at which a token is replaced
_OK, _SERVER_ERROR = 200, 500


@dataclass(slots=True, kw_only=True)
class TokenSource:
    """Access tokens of one account, shared by all connections; ask it like a function."""

    url: str
    client_id: str
    client_secret: str
    refresh_token: str
    scope: str = ""
    timeout: float = 30.0
    _token: str = ""
    _ends: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, fresh: bool = False) -> str:
        """Return an access token, a new one if *fresh*; DigestError says why there is none."""
        with self._lock:
            if not fresh and self._token and time.monotonic() < self._ends - _EARLY:
                return self._token
            return self._renewed()

    def _renewed(self) -> str:
        form = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "scope": self.scope,
        }
        service = JsonService(self.url, timeout=self.timeout)
        try:
            answer = service.call("POST", "", form={k: v for k, v in form.items() if v})
        except (UnsentError, UnansweredError) as error:
            raise DigestError("OAuth", f"no token: {error}", "Try again later.") from None
        finally:
            service.close()
        told = parse_object(answer)
        if answer.status != _OK or not told.get("access_token"):
            raise _explain_refusal(
                str(told.get("error", "")), answer.status, describe_error(answer)
            )
        self._token = str(told["access_token"])
        self._ends = time.monotonic() + _read_seconds(told.get("expires_in"))
        self.refresh_token = str(told.get("refresh_token") or self.refresh_token)
        return self._token


def _read_seconds(told: object) -> float:
    return float(told) if isinstance(told, int | float) else 3600.0


def _explain_refusal(error: str, status: int, reason: str) -> DigestError:
    """Return why no token was given (RFC 6749, 5.2), and what to do."""
    if status >= _SERVER_ERROR:
        return DigestError("OAuth", f"no token: {reason}", "Try again later.")
    remedies = {
        "invalid_grant": "The consent ended: give it anew, and set the new refresh token with: "
        "digest login smtp",
        "invalid_client": "Set client_id, and the client secret with: digest login smtp",
        "unauthorized_client": "Allow that app to send mail by SMTP in its account.",
        "invalid_scope": "Allow that app to send mail by SMTP in its account.",
    }
    remedy = remedies.get(error, "See [mailers.smtp] oauth, client_id and the refresh token.")
    return ConfigError("OAuth", f"no token: {reason}", remedy)
