import time

import pytest

from digest.text import people, speakers
from tests.prose import post


def said(*paragraphs, **given):
    return [(q.text, q.speaker, q.speech) for q in speakers.read(post(*paragraphs, **given))]


@pytest.mark.parametrize(
    ("paragraph", "speaker"),
    [
        ("“The tide waits for nobody,” said Mara Quill.", "Mara Quill"),
        ("“The tide waits for nobody,” Mara Quill said.", "Mara Quill"),
        ("Mara Quill said: “The tide waits for nobody.”", "Mara Quill"),
        ("“The tide,” said Mara Quill, the harbour master, “waits for nobody.”", "Mara Quill"),
        ("Mara Quill came ashore. “The tide waits for nobody,” she said.", "Mara Quill"),
        (
            "The mayor, Mara Quill, was late. “The tide waits for nobody,” the mayor said.",
            "Mara Quill",
        ),
        ("One visitor said: “The tide waits for nobody.”", None),
        ("周若潮說：「潮水從來不等任何一個人。」", "周若潮"),
        ("「潮水從來不等任何一個人，」港務員周若潮說。", "周若潮"),
        ("港務員周若潮上了岸。「潮水從來不等任何一個人，」他說。", "周若潮"),
        ("有人說：「潮水從來不等任何一個人。」", None),
    ],
)
def test_who_said_it(paragraph, speaker):
    assert {(who, speech) for _, who, speech in said(paragraph)} == {(speaker, True)}


@pytest.mark.parametrize(
    "paragraph",
    [
        "The boat is called “Never Again”.",
        "He prefers the word “harbour”.",
        "這艘船叫做「永遠不再出航的那一天」。",
        "所謂「不需要人的港口」其實還是要人。",
        "牌子上寫著「請勿餵食這裡的海鷗」。",
    ],
)
def test_what_is_no_speech(paragraph):
    assert [(who, speech) for _, who, speech in said(paragraph)] == [(None, False)]


def test_both_spans_of_an_utterance_have_one_speaker():
    found = speakers.read(post("「先看水，」周若潮說，「再看風。」"))
    assert {q.utterance for q in found} == {0}
    assert {q.speaker for q in found} == {"周若潮"}
    assert all(q.why for q in found)


def test_a_surname_is_printed_in_full():
    text = ("Ada Thornquist runs the pier.", "“It creaks,” Thornquist said.")
    assert said(*text)[0][1] == "Ada Thornquist"


def test_a_surname_that_two_share_is_nobodys():
    told = people.cast(
        post("Ada Thornquist left. Ben Thornquist stayed. Thornquist, said Ada Thornquist, is one.")
    )
    assert "Thornquist" not in told.by_form


def test_the_speaker_is_named_after_the_quotation():
    found = said("「我們從來沒有真正看過海底。」", "這句話出自海洋學家周若潮。周若潮研究海溝。")
    assert found[0][1] == "周若潮"


@pytest.mark.parametrize(
    "piece", ["「", "」", "“", '"', "(", "沒有句號的字", "a ", "🎈", "「甲」乙說", "Ann Lee "]
)
def test_the_cost_is_linear(piece):
    def seconds(size: int) -> float:
        given = post((piece * size)[:size])
        start = time.process_time()
        speakers.read(given)
        return time.process_time() - start

    seconds(2_000)
    small, large = seconds(10_000), seconds(80_000)
    assert large < 24 * small + 0.3
