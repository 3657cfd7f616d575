"""Who is a person: by what stands beside a name, over the whole post."""

import pytest

from digest.text.attribution import people
from tests.prose import post


def named(*paragraphs, **given):
    return {person.name for person in people.find_people(post(*paragraphs, **given)).people}


@pytest.mark.parametrize(
    "text",
    [
        "Mara Quill, 41, came late.",
        "The harbour master, Mara Quill, came late.",
        "Dr. Mara Quill came late. Nobody minded, and Quill said so.",
        "Her sister Mara Quill came late.",
        "Mara Quill (D) said that she had come late.",
        "Rep. Mara Quill came late.",
        "Port adviser Mara Quill laughed.",
        "港務員 Mara Quill 笑了。",
        "瑪拉·奎爾（Mara Quill）說她來晚了。",
        "Mara Quill（前港務局主任、作家）有一句名言。",
    ],
)
def test_a_person_is_known_by_what_is_beside(text):
    assert named(text) == {"Mara Quill"}


@pytest.mark.parametrize(
    "text",
    [
        "Brackle Marine, which makes buoys, said it was sorry.",
        "Brackle, a company from Sarn, said it was sorry. Brackle said so twice.",
        "Brackle's chief executive was sorry, Brackle said.",
        "The founder of Brackle said that Brackle launched a boat.",
        "Brackle 執行長不在。Brackle 表示遺憾，Brackle 指出問題已經解決。",
        "Prompt Engineering 說明了一切。",
        "Alignment Faking 的研究很新。",
        "無人機 Tin Shark 會告訴船長方向。",
        "資深工程師寫程式，老師傅想了一下，高品質的麵粉才會說話。",
        "The Homeland Security Secretary was sorry.",
        "Nobody at Lockhaven said so. He lives in Lockhaven.",
    ],
)
def test_firms_products_and_ideas_are_nobody(text):
    assert named(text) == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("廠長曾玉芬起初很抗拒。", "曾玉芬"),
        ("海事大學的盧承勳則看得更遠。", "盧承勳"),
        ("最早走的是羅以恆。他寫了一封信。羅以恆則開了麵店。", "羅以恆"),
        ("環團代表田欣怡質疑這個數字。", "田欣怡"),
        ("学者高橋直樹曾在書中寫道：那把椅子是空的。", "高橋直樹"),
        ("她的女兒小芙今年十歲。我問小芙，小芙說不能講。", "小芙"),
        ("山屋主人巴彥從不看天氣。「沒有訊號，」巴彥說。", "巴彥"),
        ("薩爾・馬爾科如此舉例。", "薩爾・馬爾科"),
        ("馬爾科夫坦言他錯了。", "馬爾科夫"),
    ],
)
def test_a_name_in_han_is_known(text, name):
    assert name in named(text)


def test_one_person_has_one_entry():
    told = people.find_people(
        post("Mara T. Quill, 41, came late. Mara Quill said so. “Sorry,” Quill said.")
    )
    assert [person.name for person in told.people] == ["Mara T. Quill"]
    assert {"Quill", "Mara Quill", "Mara"} <= told.people[0].forms


@pytest.mark.parametrize(
    ("text", "form", "name"),
    [
        ("Henrietta “Hen” Castle, 91, died. Hen never drove.", "Hen", "Henrietta Castle"),
        ("Ottilie Basset, 50, whom everyone calls Chef, cooks.", "Chef", "Ottilie Basset"),
        ("第三位是退休的卓永年，大家叫他卓老。卓永年說話慢。", "卓老", "卓永年"),
        ("船長施進海說他不急。施船長從來不急。", "施船長", "施進海"),
        ("執行長高可薇（Kewei Kao）承認了。", "Kao", "高可薇"),
        ("執行長皮登蔡（Sunil Piden）承認了。", "皮登蔡", "Sunil Piden"),
    ],
)
def test_other_forms_mean_the_same(text, form, name):
    assert people.find_people(post(text)).by_form[form].name == name


def test_lists_of_the_post_are_evidence():
    assert named("Quill came late.", people=("Mara Quill",)) == {"Mara Quill"}
    assert named("季望舒說他不來。", tags=("季望舒",)) == {"季望舒"}


def test_the_one_spoken_of_most_is_the_main_person():
    told = people.find_people(
        post("Mara Quill, 41, came. Quill sat. Quill said so. Ben Oster, 40, was there.")
    )
    assert told.main is not None
    assert told.main.name == "Mara Quill"


def test_a_stage_name_takes_more_evidence():
    assert named("TideCat said so.") == set()
    assert named("The singer TideCat, 24, laughed. TideCat recalled the pier.") == {"TideCat"}


def test_what_all_people_do_is_no_by_name():
    told = people.find_people(
        post("港務員周若潮說潮水不等人。沒有人相信她。所有人都知道。周若潮笑了。")
    )
    assert [sorted(one.forms) for one in told.people] == [["周若潮", "若潮"]]
