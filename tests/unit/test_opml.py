"""The list of feeds that a feed reader exports is read."""

from digest.sources import _discovery

OPML = """<?xml version="1.0"?><opml version="2.0"><body>
<outline text="資料夾">
  <outline type="rss" text="一 &amp; 二" xmlUrl="https://one.example/feed?a=1&amp;b=2"/>
  <OUTLINE title='三' xmlurl='https://two.example/'></OUTLINE>
  <outline text="again" xmlUrl="https://two.example/"/>
  <outline text="local" xmlUrl="file:///etc/hostname"/>
</outline></body></opml>"""


def test_every_feed_is_listed_once() -> None:
    assert _discovery.read_opml_feeds(OPML) == (
        ("https://one.example/feed?a=1&b=2", "一 & 二"),
        ("https://two.example/", "三"),
    )


def test_what_is_no_opml_lists_nothing() -> None:
    assert _discovery.read_opml_feeds("<rss/>") == ()
