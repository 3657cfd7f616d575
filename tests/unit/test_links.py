import pytest

from digest.text.twitter_text import encode_url, find_links, load_top_level_domains


def linked(text: str, *, wide: bool = False) -> list[str]:
    return [text[span.start : span.end] for span in find_links(text, wide=wide)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://harbour.example.org/a_(b)c.", ["https://harbour.example.org/a_(b)c"]),
        ("讀 README.md 再說", ["README.md"]),
        ("用ASP.NET寫的", ["ASP.NET"]),
        ("版本 1.5，第3.2節", []),
        ("https://harbour.tw/文章", ["https://harbour.tw/"]),
        ("全文在harbour.tw/a，很好", ["harbour.tw/a"]),
        ("http://no-such-domain and file.txt", []),
        ("write to ana@harbour.tw", []),
        ("@harbour.tw #harbour.tw $harbour.tw", []),
        ("harbour.tw-ish harbour.tw2", []),
        (
            "https://港邊.台灣/x 與 https://xn--abc.com",
            ["https://港邊.台灣/x", "https://xn--abc.com"],
        ),
        ("https://-bad.com https://a_b.com", []),
        ("http://t.co/Abc123’s", ["http://t.co/Abc123"]),
        ("http://t.co/" + "a" * 41, []),
        ("https://" + "長" * 80 + ".com/x", []),
        ("https://harbour.tw:8080/p?q=1&r=2!", ["https://harbour.tw:8080/p?q=1&r=2"]),
        ("harbour.tw:8080", ["harbour.tw"]),
        ("a" * 64 + ".com", []),
        ("https://a.vermögensberater/x a.comü", ["https://a.vermögensberater/x", "a.com"]),
        ("讀http://a.tw，好", ["http://a.tw"]),
        ("a_b.harbour.tw", ["b.harbour.tw"]),
        ("üb.tw", ["b.tw"]),
        ("xhttp://", []),
        ("a.com b.net\nc.org", ["a.com", "b.net", "c.org"]),
        ("", []),
    ],
)
def test_what_x_links(text: str, expected: list[str]) -> None:
    assert linked(text) == expected


def test_a_wide_path_goes_on_in_any_script() -> None:
    assert linked("見 https://harbour.tw/文章 。", wide=True) == ["https://harbour.tw/文章"]


def test_only_a_link_without_scheme_is_bare() -> None:
    assert [span.bare for span in find_links("a.com https://b.com")] == [True, False]


def test_top_level_domains_cover_countries_brands_and_scripts() -> None:
    assert {"tw", "md", "museum", "台灣", "한국", "doosan"} <= load_top_level_domains()
    assert "txt" not in load_top_level_domains()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://harbour.tw/文章?問=1#段",
            "https://harbour.tw/%E6%96%87%E7%AB%A0?%E5%95%8F=1#%E6%AE%B5",
        ),
        ("https://港邊.台灣/", "https://xn--j6ww64e.xn--kpry57d/"),
        ("https://harbour.tw/%E6%96%87/a b", "https://harbour.tw/%E6%96%87/a%20b"),
        ("https://harbour.tw:8443/x", "https://harbour.tw:8443/x"),
    ],
)
def test_encoded_is_one_link(url: str, expected: str) -> None:
    assert encode_url(url) == expected
    assert linked(expected) == [expected]
