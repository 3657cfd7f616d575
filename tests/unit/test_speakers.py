import time

import pytest

from digest.text.attribution import people, speakers
from digest.text.attribution.speech import RESTS
from tests.prose import post


def said(*paragraphs, **given):
    return [
        (q.text, q.speaker, q.speech) for q in speakers.attribute_quotes(post(*paragraphs, **given))
    ]


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
        ("Mara Quill, 41, remarks in her talk that “the tide waits for nobody”.", "Mara Quill"),
        ("The best boats are those that “float well and go slow,” Mara Quill said.", "Mara Quill"),
        ("周若潮說：「潮水從來不等任何一個人。」", "周若潮"),
        ("「潮水從來不等任何一個人，」港務員周若潮說。", "周若潮"),
        ("港務員周若潮上了岸。「潮水從來不等任何一個人，」他說。", "周若潮"),
        ("有人說：「潮水從來不等任何一個人。」", None),
        (
            "面對主持人孟晚晴的提問，港務員周若潮沒有猶豫：「潮水從來不等任何一個人。」",
            "周若潮",
        ),
        (
            "港務員周若潮來了。當主持人孟晚晴問他，退潮是否準時，他笑了笑：「潮水從來不等任何一個人。」",
            "周若潮",
        ),
        ("Mara Quill, 41, shrugged. “Does the tide wait?” said she.", "Mara Quill"),
        ("The mayor, Mara Quill, shrugged. “Does the tide wait?” asked the mayor.", "Mara Quill"),
        ("Mara Quill, 41, and Ben Oster, 40, came. “The tide waits,” they said.", None),
        ("Q: “Does the tide wait for anybody?” Mara Quill, 41, smiled.", None),
        ("周若潮引用他同事 Rudo 的話：「潮水從來不等任何一個人。」", "Rudo"),
        ("周若潮引用他同事的話：「潮水從來不等任何一個人。」", None),
        ("Mara Quill, 41, told the court, adding “The tide waits for nobody.”", "Mara Quill"),
        ("According to Mara Quill, the harbour master, “the tide waits for nobody.”", "Mara Quill"),
        ("As mayor Mara Quill told reporters, “The tide waits for nobody.”", "Mara Quill"),
        ("Mara Quill, 41, was blunt: “The tide waits for nobody.”", "Mara Quill"),
        ("Mayor Mara Quill came. She put it differently: “The tide waits for me.”", "Mara Quill"),
        ("‘The tide waits for nobody,’ said Mara Quill, the harbour master.", "Mara Quill"),
        ("“The tide waits for nobody,” Brackle said. Brackle, which makes buoys, is new.", None),
        ("“The tide waits for nobody,” said one engineer. Mara Quill, 41, smiled.", None),
        ("Mara Quill, 41, read what a boy had written: “The tide waits for nobody.”", None),
        ("Mayor Mara Quill quoted the poet Ben Oster: “The tide waits for nobody.”", "Ben Oster"),
        ("The Quays' chief executive said: “The tide waits for nobody.”", None),
        ("港務員周若潮問老師白子安。面對周若潮的追問，白子安說：「潮水從來不等人。」", "白子安"),
        ("周若潮引述他的老師、海洋學者白子安的話：「潮水從來不等任何一個人。」", "白子安"),
        ("周若潮轉述了一位漁民的批評：「潮水從來不等任何一個人。」", None),
        ("周若潮來了。一位受訪者說：「潮水從來不等任何一個人。」", None),
        ("港務員周若潮問老闆娘。老闆娘姓白，賣了十年魚，她說：「潮水從來不等任何一個人。」", None),
        (
            "港務員周若潮在這裡養魚。有人問他累不累，他答得很快：「潮水從來不等任何一個人。」",
            "周若潮",
        ),
        ("港務員周若潮的太太先到。「潮水從來不等任何一個人，」她說。", None),
        ("Brackle 表示：「潮水從來不等任何一個人。」Brackle 執行長 Mara Quill 不在。", None),
        ("Mara Quill was a captain. She used to tell her crew, “The tide waits.”", "Mara Quill"),
        ("I met Mara Quill, 41, who told me last week, “The tide waits for me.”", "Mara Quill"),
        ("Mara Quill, 41, has dismissed the pier as “a bridge with no nerve”.", "Mara Quill"),
        ("Mara Quill, 41, spoke. The ferry company said it was “aware of the tide”.", None),
        (
            "The captain of another ship waved. “The tide waits,” he said. Mara Quill, 41, left.",
            None,
        ),
        ("A woman called Mara Quill wrote back. “The tide waits,” she wrote.", "Mara Quill"),
        (
            "Judge Mara Quill fined Ben Oster, 40. The judge was calm. “It waits,” she said.",
            "Mara Quill",
        ),
        ("Mara Quill of the Evening Pilot hailed it as “the first tide that waits”.", "Mara Quill"),
        ("港務員周若潮搖頭。「不會，」周若潮聳肩，「潮水從來不等任何一個人。」", "周若潮"),
        ("記者孟晚晴請周若潮說一句，他想了很久。「潮水從來不等人。」周若潮笑了。", "周若潮"),
        ("太空人周若潮要求 HARK 開門，HARK 用冷靜的語氣回答：「潮水從來不等任何一個人。」", None),
        ("周若潮引述作家 E. B. Farrow 的名句：「潮水從來不等任何一個人。」", "E. B. Farrow"),
        ("周若潮隔天在社群媒體上回應：「潮水從來不等任何一個人。」周若潮笑了。", "周若潮"),
        ("周若潮認為，這座港口「只是在等下一班船」。周若潮沒有等。", "周若潮"),
        ("周若潮反駁了 Ben Oster 那句著名的話：「潮水從來不等任何一個人。」", "Ben Oster"),
        ("佐藤明子は「潮は誰も待たない」と述べた。", "佐藤明子"),
        ("「潮は誰も待たない」と佐藤明子さんは語った。", "佐藤明子"),
        ("佐藤明子氏によると、「潮は誰も待たない」という。", "佐藤明子"),
        ("同社は「潮は誰も待たない」と強調した。", None),
        ("港務員周若潮記得，師母有一晚對他講：「潮水從來不等任何一個人。」周若潮笑了。", None),
        ("港務員周若潮說，模型有脾氣。它從紀錄學到的是：「潮水從來不等任何一個人。」", None),
        ("社工總會盧立仁呼籲：「潮水從來不等任何一個人。」", "盧立仁"),
        ("主唱小鹿在場。小鹿緩緩地說：「潮水從來不等任何一個人。」小鹿笑了。", "小鹿"),
        ("「潮水從來不等任何一個人。」碼頭研究所盧立仁在《渡口志》寫道，岸也不等。", "盧立仁"),
        (
            "「潮水從來不等任何一個人。」第一次靠岸，鼓手柏勳十分緊張。柏勳說，他怕水。",
            "柏勳",
        ),
        ("鼓手柏勳說，船要慢。後來他們發現，船自己會慢：「潮水從來不等任何一個人。」", "柏勳"),
        ("港務員周若潮上了岸。研究團隊表示：「潮水從來不等任何一個人。」", None),
        ("港務員周若潮上了岸。老先生對周若潮說：「潮水從來不等任何一個人。」", None),
        ("首席执行官周若潮表示：“潮水从来不等任何一个人。”", "周若潮"),
        ("記者問周若潮怕不怕，他的回答很短：「潮水從來不等任何一個人。」周若潮笑了。", "周若潮"),
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
        "門口掛著一塊木牌：「請勿餵食這裡的海鷗」。",
        "On the opening track, “The Patient Harbour,” the drums are late.",
        "The leaflet calls it “a harbour for the whole island”.",
        "同社はこれを「静かな港の革命」と呼ぶ。",
        "Mara Quill, 41, kept a sticky note above the desk: “So what do we do?”",
        "Speaking of “tides that wait,” Mara Quill, 41, has bought a boat.",
        "周若潮的螢幕上跳出一行字：「潮水從來不等任何一個人。」",
        "如果有人說「這座港口只是在等船」，那就走吧。",
        "周若潮用一個詞形容它：「高維度、連續、有噪音的東西」。",
    ],
)
def test_what_is_no_speech(paragraph):
    assert [(who, speech) for _, who, speech in said(paragraph)] == [(None, False)]


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("The novel's heroine, Mara Quill, looks up. “The tide waits for me,” she says.",),
        ("In the film Mara Quill (Ida Vessel) turns. “The tide waits for me,” Quill says.",),
        ("小說裡的周若潮回頭。「潮水從來不等人，」周若潮說。",),
    ],
)
def test_people_of_a_story_are_no_speakers(paragraphs):
    assert [(who, why) for _, who, why in said(*paragraphs)] == [(None, False)]


def test_what_is_spelt_like_a_name_is_no_guess():
    dispatched = "Grand Harbour Pipes carry the mail."
    assert said(dispatched, "“The tide waits for nobody at all.”")[0][1] is None


def test_a_block_quote_that_nothing_leads_to_is_nobodys():
    lead = ("Mara Quill, 41, wrote it. Quill likes it. Quill said so.", "Pipes carry the mail.")
    found = said(*lead, "> The mail arrives in a pipe.", "That is from the manual.")
    assert found == [("The mail arrives in a pipe.", None, True)]


def test_both_spans_of_an_utterance_have_one_speaker():
    found = speakers.attribute_quotes(post("「先看水，」周若潮說，「再看風。」"))
    assert {q.utterance for q in found} == {0}
    assert {q.speaker for q in found} == {"周若潮"}
    assert all(q.why for q in found)


def test_a_surname_is_printed_in_full():
    text = ("Ada Thornquist runs the pier.", "“It creaks,” Thornquist said.")
    assert said(*text)[0][1] == "Ada Thornquist"


def test_a_surname_that_two_share_is_nobodys():
    told = people.find_people(
        post("Ada Thornquist left. Ben Thornquist stayed. Thornquist, said Ada Thornquist, is one.")
    )
    assert "Thornquist" not in told.by_form


def test_a_woman_and_a_man_are_told_apart():
    found = said(
        "Dana Voss, 60, runs the pier. Her son Neil Voss owns the boat.",
        "“It creaks,” Neil Voss said, and he laughed. Dana Voss did not: she had mended it.",
        "“It has always creaked,” she said. “That is how I know it is there.”",
    )
    assert [speaker for _, speaker, _ in found] == ["Neil Voss", "Dana Voss", "Dana Voss"]


def test_a_tag_is_no_person_by_itself():
    tags = ("河流會", "Growth Loop")
    story = "Growth Loop 這個詞，他聽了三年。Growth Loop 沒有發生。河流會說明了議程。"
    found = said(story, "署長彭亞倫說，署裡「不會把鑰匙交給沒看過河的人」。", story, tags=tags)
    assert [speaker for _, speaker, _ in found] == ["彭亞倫"]
    found = said(story, story, "「茶葉要等雨停，店面也要等人熟。」", tags=tags)
    assert [speaker for _, speaker, _ in found] == [None]


def test_who_is_asked_answers():
    found = said(
        "港務員周若潮和漁民高望海坐在碼頭上。",
        "「你怕不怕，還是只是不說？」周若潮問。",
        "「怕，可是怕也要出海，」他說。",
    )
    assert [speaker for _, speaker, _ in found] == ["周若潮", "高望海"]


def test_two_talk_turn_by_turn():
    found = said(
        "“There were six of them,” said Mara Quill, the harbour master.",
        "“There were never six of them,” said Ben Oster, her deputy.",
        "“There were six, and I have the list.”",
    )
    assert [speaker for _, speaker, _ in found] == ["Mara Quill", "Ben Oster", "Mara Quill"]


def test_an_interview_answers_what_the_page_asks():
    found = said(
        "Mara Quill has kept the pier for nine years. Quill, 41, does not swim.",
        "Q: Do you like it?",
        "A: “I like the smell of it in the morning.”",
        "Q: And is it safe?",
        "“Safer than it looks to those who never walk on it.”",
    )
    assert [speaker for _, speaker, _ in found] == ["Mara Quill", "Mara Quill"]


def test_a_block_quote_is_its_signers():
    found = said(
        "> The pier is closed until the paint has dried",
        "> — Mara Quill (@maraquill), May 3",
        "Nobody had seen the paint.",
    )
    assert found == [("The pier is closed until the paint has dried", "Mara Quill", True)]


def test_a_block_quote_is_of_whom_leads_to_it():
    lead = "Ben Oster read it. Mara Quill, the harbour master, wrote to him:"
    assert said(lead, "> The pier is closed until the paint has dried.")[0][1] == "Mara Quill"


def test_who_is_cited_is_not_she():
    found = said(
        "港務員周若潮引用她的老師白子安的話：「潮水從來不等任何一個人。」",
        "「我當時聽不懂，」她說。周若潮後來懂了。",
    )
    assert [speaker for _, speaker, _ in found] == ["白子安", "周若潮"]


def test_the_rest_of_a_sentence_is_told_as_such():
    found = speakers.attribute_quotes(post("「如果風停了，」周若潮說，「我們就不出海。」"))
    assert [quote.why == RESTS for quote in found] == [False, True]


def test_the_speaker_is_named_after_the_quotation():
    found = said("「我們從來沒有真正看過海底。」", "這句話出自海洋學家周若潮。周若潮研究海溝。")
    assert found[0][1] == "周若潮"


@pytest.mark.whole_texts
@pytest.mark.parametrize(
    "piece",
    [
        "「", "」", "“", '"', "(", "沒有句號的字", "a ", "🎈", "「甲」乙說", "Ann Lee ", "he ",
        "她", "高望海的太太說：「好。」", "“Yes,” he said. ", "Ann Lee, a cook, told her. ", "A. ",
    ],
)  # fmt: skip
def test_the_cost_is_linear(piece):
    def seconds(size: int) -> float:
        given = post("“It is,” Ann Lee said. " + (piece * size)[:size])
        start = time.process_time()
        speakers.attribute_quotes(given)
        return time.process_time() - start

    seconds(2_000)
    small, large = seconds(10_000), seconds(80_000)
    assert large < 24 * small + 0.3
