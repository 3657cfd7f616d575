"""How alike posts are: the same for those that stay when one is left out, and worked out once."""

from dataclasses import replace

from digest.model import Document, Post
from digest.text import similarity
from tests.prose import post

TOLD = {
    "mill": "The tide mill of Carreg grinds barley at every ebb; the miller sleeps by the moon.",
    "barn": "At the tide mill of Carreg the barley waits in a barn for the ebb, like the miller.",
    "hive": "A keeper of bees in Carreg smokes her hive in clover time and counts the barley.",
    "rail": "The train to Carreg whistles at the tunnel; the guard of the hive sells tickets.",
}


def posts() -> list[Post]:
    return [replace(post(text, title=name), id=name) for name, text in TOLD.items()]


def test_what_stays_is_as_alike_as_before() -> None:
    whole = similarity.compare_posts(posts(), TOLD)
    mill, hive, rail = similarity.compare_posts(posts(), ["mill", "hive", "rail"])
    assert whole[0][1] > whole[0][2] > 0  # the barn is nearer to the mill than the hive is
    assert mill == {1: whole[0][2], 2: whole[0][3]}
    assert hive == {0: whole[2][0], 2: whole[2][3]}
    assert rail == {0: whole[3][0], 1: whole[3][2]}


def test_posts_are_compared_once_until_one_says_something_else() -> None:
    first, again = similarity.compare_posts(posts(), TOLD), similarity.compare_posts(posts(), TOLD)
    assert first[0] is again[0]
    other = replace(posts()[0], document=Document(text=TOLD["rail"]))
    changed = similarity.compare_posts([other, *posts()[1:]], TOLD)
    assert changed[0][3] > 2 * first[0][3]
