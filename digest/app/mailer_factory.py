"""Settings -> a mailer, with its secrets and its DKIM key."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, cast

from digest.config import credentials, plugins
from digest.config.settings import CONFIG_FILE, Settings
from digest.model.errors import ConfigError
from digest.model.ports.mail import CampaignService, Mailer
from digest.model.ports.social import SignIn


def keeps_readers(settings: Settings, name: str = "") -> bool:
    """Tell whether the mailer *name* is a service that keeps its readers itself."""
    name = name or settings.mail.mailer
    module = plugins.load_adapter("mailers", name)
    return bool(getattr(module, "CAMPAIGNS", False))


def open_mailer(settings: Settings, name: str = "") -> Mailer:
    """Return the mailer *name*, the configured one by default, which takes mail to one reader.

    ConfigError says what is missing to open it, or that it takes whole issues only.
    """
    name = name or settings.mail.mailer
    if keeps_readers(settings, name):
        remedy = 'Set notices = "smtp" (or "folder") in [mail] for single mails.'
        raise ConfigError(name, "sends whole issues only", remedy)
    return cast(Mailer, open_any_mailer(settings, name))


def is_mailer(name: str) -> bool:
    """Tell whether there is a mailer *name*."""
    return name in plugins.list_adapters("mailers")


def check_mailer(settings: Settings, name: str = "", given: Mapping[str, str] | None = None) -> str:
    """Return where mail goes through the mailer *name*, nothing sent; DigestError why it cannot.

    *given* are options and secrets that were typed; they win over what is configured.
    """
    carrier = cast(Checked, open_any_mailer(settings, name, given))
    try:
        return carrier.check()
    finally:
        if close := getattr(carrier, "close", None):
            close()


class Checked(Protocol):
    """What mailers of both kinds have in common."""

    def check(self) -> str:
        """Return in words where mail would go."""
        ...


def open_any_mailer(
    settings: Settings, name: str = "", given: Mapping[str, str] | None = None
) -> object:
    """Return the mailer *name* of either kind; ConfigError says what is missing."""
    name = name or settings.mail.mailer
    module = plugins.load_adapter("mailers", name)
    options = settings.mailers.get(name, {})
    found = {**options, **_find_secrets(settings, name, options), **(given or {})}
    if "allow_private" in getattr(getattr(module, "Options", None), "__struct_fields__", ()):
        found["allow_private"] = settings.fetch.allow_private
    if name == "folder":
        found["base"] = str(settings.folder)
    if name == "smtp":
        found |= _make_smtp_options(settings, options)
    return module.build(found)


def sign_in(name: str) -> SignIn:
    """Return how a person gets the mailer *name* ready."""
    return cast(
        SignIn, cast("plugins.NetworkAdapter", plugins.load_adapter("mailers", name)).sign_in()
    )


def _find_secrets(settings: Settings, name: str, options: dict[str, Any]) -> dict[str, str]:
    """Return the secrets of mailer *name*; ConfigError where one stands in the configuration."""
    found = {}
    wanted = sign_in(name)
    for key in (*wanted.secrets, *wanted.instead[1]):
        if key in options:
            variable = credentials.name_variable(name, key)
            where = f"{settings.file or CONFIG_FILE}: [mailers.{name}] {key}"
            remedy = f"Set {variable}, or {key}_file to a file that holds it."
            raise ConfigError(where, "a secret does not stand there", remedy)
        if value := credentials.read_secret(name, key, options, settings.folder):
            found[key] = value
    return found


def _make_smtp_options(settings: Settings, options: dict[str, Any]) -> dict[str, object]:
    """Return the options of SMTP that count from the folder, and what signs."""
    found: dict[str, object] = {"sign": None}
    if options.get("ca_file"):
        found["ca_file"] = str(settings.folder / str(options["ca_file"]))
    if options.get("dkim_key_file"):
        found["sign"] = _make_signer(settings, options)
    return found


def _make_signer(settings: Settings, options: dict[str, Any]) -> Callable[[bytes], bytes]:
    """Return what puts a DKIM-Signature before a finished message."""
    from email.utils import parseaddr

    from digest.render.personalize import DkimKey, sign_message

    selector = str(options.get("dkim_selector") or "")
    if not selector:
        remedy = "Set the name that the public key has in DNS: NAME._domainkey.DOMAIN"
        raise ConfigError("[mailers.smtp] dkim_selector", "is not set", remedy)
    domain = options.get("dkim_domain") or parseaddr(settings.mail.from_)[1].rpartition("@")[2]
    path = settings.folder / str(options["dkim_key_file"])
    return partial(sign_message, key=DkimKey.load(path, domain=str(domain), selector=selector))


def open_campaigner(settings: Settings, name: str = "") -> CampaignService:
    """Return the service *name* that keeps its readers itself, the configured one by default."""
    return cast(CampaignService, open_any_mailer(settings, name))
