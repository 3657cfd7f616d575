"""The error tree. A message is subject, cause and remedy; a user never sees a traceback.

DigestError                     exit status 1: something failed
├── ConfigError                 exit status 2: a setting or an argument is wrong
├── SourceError                 a feed, page or folder could not be read
│   └── FetchError              one HTTP exchange failed
├── StoreError                  the store could not be opened, read or written
│   └── BusyError               another process is at it
├── TemplateError               a template could not be rendered
├── DraftError                  an issue could not be made or is not fit to leave
│   ├── FrozenError             it is approved: an edit needs a new revision first
│   └── ConflictError           somebody else changed the same block meanwhile
└── NothingToDo                 exit status 3: there was nothing to do
    └── TooFew                  there were new posts, but not enough for an issue
"""

import re


class DigestError(Exception):
    """A failure a person can act on: what (*subject*), why (*cause*), what to do (*remedy*)."""

    exit_status = 1

    def __init__(self, subject: str, cause: str = "", remedy: str = "") -> None:
        self.subject, self.cause, self.remedy = subject, cause, remedy
        super().__init__(subject, cause, remedy)

    def __str__(self) -> str:
        said = f"{self.subject}: {self.cause}" if self.cause else self.subject
        if not self.remedy:
            return said
        end = "" if said.endswith(("?", "!")) else "."
        return f"{said.rstrip('.')}{end} {self.remedy}"


class ConfigError(DigestError):
    """A setting or an argument is wrong."""

    exit_status = 2


class SourceError(DigestError):
    """A feed, page or folder could not be read."""


class FetchError(SourceError):
    """One HTTP exchange failed; *subject* is its address, without a name and password in it."""

    def __init__(self, subject: str, cause: str = "", remedy: str = "") -> None:
        super().__init__(re.sub(r"(?<=://)[^/?#@\s]*@", "", subject), cause, remedy)


class StoreError(DigestError):
    """The store could not be opened, read or written."""


class BusyError(StoreError):
    """Another process is at it."""


class TemplateError(DigestError):
    """A template could not be rendered."""


class DraftError(DigestError):
    """An issue could not be made, or is not fit to leave."""


class FrozenError(DraftError):
    """The issue is approved; an edit needs a new revision first."""


class ConflictError(DraftError):
    """A block was changed by somebody else meanwhile: *mine* was not saved, *theirs* stands.

    *base* marks what stands now: an edit that is made on it wins.
    """

    def __init__(self, block: str, *, mine: str | None, theirs: str, base: str) -> None:
        self.block, self.mine, self.theirs, self.base = block, mine, theirs, base
        super().__init__(
            block, "it was changed elsewhere meanwhile", "Compare the two and save again."
        )


class NothingToDo(DigestError):  # noqa: N818 - it is not an error
    """There was nothing to do; not a failure."""

    exit_status = 3


class TooFewPosts(NothingToDo):
    """There were only *told* new posts, fewer than the *least* that make an issue."""

    def __init__(self, issue: str, told: int, least: int) -> None:
        self.told = told
        super().__init__(issue, f"{told} new posts to tell; {least} are the fewest wanted")
