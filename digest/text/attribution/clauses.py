"""The subject of a speech clause: a name, a pronoun, a role, or somebody who is not named."""

import re

from digest.text.attribution import han_clauses
from digest.text.attribution.cues import Cue
from digest.text.attribution.discourse import OBJECT, WHO, Discourse, Sex, guess_sex
from digest.text.attribution.han_names import has_no_common_word, is_likely_name, is_word
from digest.text.attribution.latin_names import LATIN
from digest.text.attribution.people import ROLE, Person
from digest.text.word_lists import HAN, ROLE_HAN

PRONOUN = re.compile(
    r"(?P<they>他們|她們|他们|她们|\b[Tt]hey\b)|(?P<she>她|\b[Ss]he\b)|(?P<he>他|\b[Hh]e\b)|"
    r"(?P<her>\b[Hh]er\b)|(?P<his>\b[Hh]is\b)|(?P<this>[這这那][位名][^，。：]{0,8})"
)
_NOBODY = re.compile(
    r"(?:有人|某[位個人]|一[位名](?!(?:是|叫))|有[位個]|許多|很多人|不少|人們|大家|網友|批評者|專家|"
    r"觀眾|學生們|受訪者|消息人士|"
    r"大眾|民眾|外界|業界|工廠|公司|廠商|員工|團隊|家長|網友|模型|媒體|政府|工程師們|投資人們|"
    r"客戶|使用者|用戶|讀者|評論者|市場|旁人|路人|官員們|主持人|記者)(?![上中裡里內内])|被人|"
    r"\b(?:(?<!day )one|a|an|some|many|several|critics|experts|officials|"
    r"residents|people|others|everyone|someone|somebody|nobody|analysts|neighbours|neighbors|"
    r"witnesses|a spokes\w+|"
    r"another|visitors|customers|i|we|you|most|few|users|researchers|opponents|supporters)\b"
)
_OF_OTHERS = re.compile("[他她]們|[他她]们|[你妳您我]")
_FAR = 12  # characters between a verb and a colon that may belong to another clause
_POSSESSED = re.compile(r"\s*(?:的|'s|’s)")
_NOT_SUBJECT = re.compile(
    r"\s*(?:的|'s|’s|時|后|後|之後|媽|爸|母親|父親|太太|先生|老師|女兒|兒子|哥|姐|弟|妹|朋友|同事|"
    r"老闆|主管|團隊|公司)"
)
_SPEECH_NOUN = re.compile(
    r"\s*(?:的|'s|’s)\s*[^，。]{0,10}?(?:回答|答案|說法|看法|觀點|結論|判斷|警告|解釋|建議|比喻|"
    r"一句話|一段話|名言|話|回應|"
    r"理由|想法|描述|評論|總結|提醒|答覆|解法|邏輯|論點|立場|原則|態度|主張|評語|版本|語氣|口氣|"
    r"要求|疑慮|標準|反應|感想|心得|定義|"
    r"\b(?:answer|reply|verdict|words|advice|response|view|conclusion|reaction|explanation|line|"
    r"take|point|version|summary|rule|motto|message|note|letter|report|diary))"
)
_HER_NOUN = re.compile(
    r"\s[\w\s]{0,16}?\b(?:answer|reply|verdict|words|advice|response|view|conclusion|reaction|"
    r"explanation|line|take|point|version|summary|rule|message|note|letter|question|comment|review|email|text)\b"
)
_CITED = re.compile(
    r"(?:引述|引用|轉述|借用|援引|套用|引)了?(?P<whom>[^，。「」]*?)(?:的?(?:一句|這句|"
    r"那句)?(?:話|名句|警句|詩句|台詞|格言|老話|句子|說法|名言|批評|回答|文字|理論|觀點|詩|歌詞|疑問|建議))|"
    r"(?:反駁|提起|提到|想起|記得|談到|呼應)了?(?P<of>[^，。「」]*?)(?:的?那[句段番][^，。「」]{0,6}話|的?名[言句])|"
    r"\b(?:quoted|quotes|quoting|cited|cites|citing)\s(?P<who>[^“”\n]*)$"
)
_RELATED = re.compile(
    r"\s*的(?:太太|先生|媽媽|母親|父親|爸爸|女兒|兒子|老師|同事|朋友|主管|學生|助理|老闆|師父|"
    r"妻子|丈夫|祖母|祖父)"
)
_ADVERB = re.compile(
    r"(?:曾經?|也|則|就|卻|還|又|更|才|便|接著|隨後|隨即|最後|後來|直接|坦白|特別|進一步|一再|"
    r"多次|笑著|苦笑著?|立刻|這樣|如此|"
    r"當時|繼續|明確|公開|再次|後|在[^，。]{1,12}[中上裡時後]|對[^，。]{1,8}|[^，。]{0,4}地)"
)
_ADVERB_MOST = 14  # characters of the longest of them
_IN = re.compile(r"(?:在|於|上|參加|接受|做客)[^，。]{0,8}$|\b(?:on|for|in)\s(?:the\s)?$")
_A_SHOW = re.compile(
    r"[^，。]{0,12}?(?:節目|播客|[Pp]odcast|訪談|專訪|頻道|文章|論壇|會議|大會|專欄|直播)|"
    r"(?:['’]s)?\s(?:[Pp]odcast|[Ss]how|[Ee]xperience|program|newsletter|channel)\b"
)
_ANOTHER = re.compile(r"\s?[A-Z][\w.]+(?=\s?[^，。：A-Z]{0,10}$)")
_THING_IS = re.compile(r"(?:[句行題條段]話?|字|內容|標題|開頭|信|書|規則|口號)[^，。]{0,6}是：$")
_QUESTION = re.compile(r"(?:[詢追]?問(?:到|起)?|請教|反問)\s?|\b[Aa]sk(?:s|ed|ing)\s")
_ANSWERS = re.compile(r"^\s*(?:A|Answer|答|答覆)\s?[:：]\s*$")
_ASKS = re.compile(r"^\s*(?:Q|Question|問)\s?[:：]\s*$")
_NOT_KNOWN = re.compile(r"[一有某][位名個]|\b(?:an?|one|another|some)\s|[A-Z][\w.&]*['’]s\s")
_GUEST = re.compile("來賓|講者|受訪者|主角|大師|前輩|天才|傳奇|先驅|巨頭|大亨|富豪|高管|領袖")
_GOES_ON = re.compile(r"(?:adding|saying|explaining|recalling)\b")

SubjectResult = tuple[Person | None, bool]  # the speaker, and whether that settles it


def find_subject(scene: Discourse, cue: Cue) -> SubjectResult:
    """Return the subject of *cue*, and whether that settles it (somebody not named said it)."""
    text = scene.document.text
    end = cue.verb[0] if cue.verb and cue.verb[0] > cue.start else cue.end
    region = text[cue.start : end]
    first = cue.side == "after"
    formed = _find_set_form_subject(scene, cue, region, text[end : cue.end])
    if formed:
        return formed
    grammatical = _find_subject_by_grammar(scene, cue, end)
    if grammatical:
        return grammatical
    named = _find_named_subject(scene, cue.start, end, first=first)
    pronoun = _find_subject_pronoun(text, cue.start, end, first=first)
    if not first and _has_unknown_name(scene, cue, named):
        return None, True
    if not first and _is_stranger_nearest(region, cue, named, pronoun):
        return None, True
    if named and (pronoun is None or _is_closer(named[0], pronoun.start(), first=first)):
        return named[1], True
    if pronoun:
        return _resolve_pronoun(scene, cue, pronoun, named[1] if named else None), True
    nobody = _NOBODY.search(region.lower()) or _THING_IS.search(region)
    if nobody:
        return find_subject_by_role(scene, region), True
    found = _find_unlisted_person(scene, region) if cue.verb else None
    return found or find_subject_by_role(scene, region), cue.strong and _has_subject(region, cue)


def _find_subject_by_grammar(scene: Discourse, cue: Cue, end: int) -> SubjectResult | None:
    """Return who is the subject of a clause in Han; None where its pronoun, or more, must tell."""
    text = scene.narration
    if not han_clauses.IN_HAN.search(text, cue.start, cue.end):
        return None
    found = han_clauses.find_nearest_subject(scene, cue, end)
    if found is None:
        return han_clauses.find_last_voice(scene, cue) if cue.verb is None else None
    pronoun = PRONOUN.search(text, found.start, found.end)
    if cue.verb is None and _OF_OTHERS.search(text, found.start, found.end):
        return han_clauses.find_last_voice(scene, cue)
    if text[found.start] in "它牠":
        return None, True
    if found.kind == "pronoun" or pronoun:
        return None
    person = han_clauses.find_person_at_end(scene, found)
    if person:
        return person, True
    if _find_named_subject(scene, found.start, end, first=False) or _SPEECH_NOUN.search(
        text, found.start, end
    ):
        return None
    phrase = text[found.start : found.end]
    person = (
        None
        if cue.verb is None
        else _find_unlisted_person(scene, phrase) or find_subject_by_role(scene, phrase)
    )
    if person:
        return person, True
    rest = text[cue.verb[1] : cue.end - 1] if cue.verb else "，"
    goes_on = "，" in rest or len(rest) > _FAR
    told = han_clauses.find_last_voice(scene, cue) if goes_on and cue.side == "before" else None
    return told or (None if cue.verb is None else (None, True))


def _find_set_form_subject(
    scene: Discourse, cue: Cue, region: str, rest: str
) -> SubjectResult | None:
    """Return whom a clause of a set form gives the words to: A:, he quoted X:, said X, adding."""
    if _ANSWERS.match(region):
        return scene.guest, True
    if _ASKS.match(region):
        return None, True
    cited = _CITED.search(region + rest) if cue.side == "before" else None
    if cited:
        return _find_cited_person(scene, cue, cited)
    if cue.side == "after" and cue.verb and cue.verb[0] <= cue.start + 1 and region[:1].islower():
        return _find_inverted_subject(scene, cue)
    told = scene.subject(scene.sentence(cue.start), cue.start) if _GOES_ON.match(rest) else None
    return (told[0], True) if told else None


def _has_unknown_name(scene: Discourse, cue: Cue, named: tuple[int, Person] | None) -> bool:
    """Tell whether a Latin name that is nobody's opens the last part of a Han clause: …，HAL 說."""
    text = scene.document.text
    if cue.verb is None or named is None:
        return False
    comma = text.rfind("，", cue.start, cue.verb[0])
    return comma > named[0] and bool(_ANOTHER.match(text[comma + 1 : cue.verb[0]]))


def _is_stranger_nearest(
    region: str, cue: Cue, named: tuple[int, Person] | None, pronoun: re.Match[str] | None
) -> bool:
    """Tell whether somebody without a name stands nearest to the verb: what a boy wrote."""
    strangers = list(_NOBODY.finditer(region.lower()))
    if not strangers or cue.verb is None:
        return False
    known = max(named[0] if named else -1, pronoun.start() if pronoun else -1) - cue.start
    told = strangers[-1].group()[:1] in tuple("一有某")
    near = len(region[strangers[-1].end() :].strip()) <= (24 if told else 12)
    return known >= 0 and near and strangers[-1].start() > known


def opens_with_person(scene: Discourse, cue: Cue) -> bool:
    """Tell whether a person, by name or pronoun, opens the clause of *cue*."""
    text = scene.document.text
    named = next(scene.people.mentions(text, cue.start, cue.end), None)
    pronoun = _find_subject_pronoun(text, cue.start, cue.end, first=True)
    starts = [at for at in (named and named[0], pronoun and pronoun.start()) if at is not None]
    if not starts:
        return False
    ahead = text[cue.start : min(starts)]
    return len(ahead) <= 4 or (len(ahead) <= 24 and bool(ROLE.search(ahead)))


def _find_cited_person(scene: Discourse, cue: Cue, cited: re.Match[str]) -> SubjectResult:
    """Return whose words the clause cites: the one named last in it, nobody if none is."""
    group = cited.lastgroup or "whom"
    start, end = cue.start + cited.start(group), cue.start + cited.end(group)
    named = [person for _, _, person in scene.people.mentions(scene.document.text, start, end)]
    scene.cited = named[-1] if named else _find_unknown_cited_person(scene, cited.group(group))
    return scene.cited, True


def _find_unknown_cited_person(scene: Discourse, whom: str) -> Person | None:
    """Return the person, known from nowhere else, whose name *whom* ends with."""
    latin = re.search(rf"({LATIN}) ?$", whom)
    if latin:
        return Person(name=latin.group(1), forms=frozenset({latin.group(1)}))
    return _find_unlisted_person(scene, whom)


def _has_subject(region: str, cue: Cue) -> bool:
    """Tell whether somebody, though not by name, is the subject of the cue's verb."""
    clause = region.strip().rstrip("，,")
    kept = strip_adverbs(re.split("[，；]", clause)[-1]) if clause > "\u2e80" else clause
    return cue.verb is not None and len(kept.strip()) > 1


def strip_adverbs(clause: str) -> str:
    """Return *clause* without the adverbs in a row that it ends with, as many as there are.

    From the end, each place is looked at once: one pattern for the whole row would try every way
    to divide it, which are more than can be counted.
    """
    starts = {len(clause)}  # from here on there are but adverbs
    at = first = len(clause)
    while at > 0 and first - at < _ADVERB_MOST:
        at -= 1
        ends = range(at + 1, min(at + _ADVERB_MOST, len(clause)) + 1)
        if any(end in starts and _ADVERB.fullmatch(clause, at, end) for end in ends):
            starts.add(at)
            first = at
    return clause[:first]


def _is_closer(named: int, pronoun: int, *, first: bool) -> bool:
    return named < pronoun if first else named > pronoun


def _find_named_subject(
    scene: Discourse, start: int, end: int, *, first: bool
) -> tuple[int, Person] | None:
    """Return where the subject is named in a clause, and who it is; objects do not count."""
    text = scene.document.text
    found: tuple[int, Person] | None = None
    for at, stop, person in scene.people.mentions(text, start, end):
        if OBJECT.search(text, max(start, at - 10), at) and not WHO.match(text, stop, end):
            continue
        if _A_SHOW.match(text, stop, end) and _IN.search(text, max(start, at - 12), at):
            continue
        if _POSSESSED.match(text, stop, end) and not _SPEECH_NOUN.match(text, stop):
            continue
        found = (at, person)
        if first:
            break
    return found


def _find_subject_pronoun(text: str, start: int, end: int, *, first: bool) -> re.Match[str] | None:
    """Return the pronoun that is the subject of a clause, or owns what is said."""
    found = [
        match
        for match in PRONOUN.finditer(text, start, end)
        if _is_subject(text, match, start, end)
    ]
    return (found[0] if first else found[-1]) if found else None


def _is_subject(text: str, match: re.Match[str], start: int, end: int) -> bool:
    if match.lastgroup in ("her", "his"):
        return bool(_HER_NOUN.match(text, match.end(), end + 24))
    if OBJECT.search(text, max(start, match.start() - 8), match.start()):
        return False
    if match.group() in ("他", "她") and text[match.end() : match.end() + 1] in tuple("，。、："):
        return False
    return not _NOT_SUBJECT.match(text, match.end(), end) or bool(
        _SPEECH_NOUN.match(text, match.end(), end)
    )


def _resolve_pronoun(
    scene: Discourse, cue: Cue, pronoun: re.Match[str], nearer: Person | None
) -> Person | None:
    """Return whom the pronoun of the clause means."""
    kind = pronoun.lastgroup
    if kind == "they":
        return None
    if kind == "this":
        known = ROLE.search(pronoun.group()) or _GUEST.search(pronoun.group())
        return find_subject_by_role(scene, pronoun.group()) or (
            scene.people.main if known else None
        )
    sex: Sex = "she" if kind in ("she", "her") else "he"
    asked = _find_asked_person(scene, cue, pronoun.start())
    if asked and scene.sex(asked) in ("", sex):
        scene.settled[pronoun.start()] = asked
        return asked
    asks = nearer is not None and nearer.name in scene.askers
    if nearer and not asks and cue.side == "before" and scene.sex(nearer) in ("", sex):
        return nearer
    if nearer is None and scene.stranger(cue.start, pronoun.start(), sex):
        return None
    number = scene.block_at(cue.start)
    if scene.questioned(number) and scene.guest and scene.sex(scene.guest) in ("", sex):
        found: Person | None = scene.guest
    else:
        asker = None if kind in ("her", "his") else _find_last_asker(scene, cue, number)
        if asker and _is_named_again(scene, asker, number, cue.start):
            asker = None
        found = scene.meant(cue.start, sex, without=asker or nearer)
    main = scene.people.main
    if found and found.name in scene.askers and main and scene.sex(main) in ("", sex):
        found = main
    scene.settled[pronoun.start()] = found
    return found


def _find_asked_person(scene: Discourse, cue: Cue, at: int) -> Person | None:
    """Return whom the clause ahead of the pronoun at *at* has asked: 記者問甲…時，他…."""
    text = scene.document.text
    for match in _QUESTION.finditer(text, max(scene.sentence(cue.start), at - 80), at):
        named = next(scene.people.mentions(text, match.end(), min(at, match.end() + 24)), None)
        if named and named[0] - match.end() <= 1:
            return named[2]
    return None


def _find_last_asker(scene: Discourse, cue: Cue, number: int) -> Person | None:
    """Return who has just asked: the next pronoun means the one who answers."""
    if scene.asked is None or scene.asked[0] not in (number, number - 1):
        return None
    return scene.asked[1] if scene.asked[0] != number or cue.side == "after" else None


def _is_named_again(scene: Discourse, person: Person, number: int, stop: int) -> bool:
    """Tell whether the block goes on with *person* by name, after what they have asked."""
    start = scene.document.blocks[number].start
    asked_here = scene.asked is not None and scene.asked[0] == number
    return not asked_here and any(
        named == person for _, _, named in scene.people.mentions(scene.narration, start, stop)
    )


def _find_inverted_subject(scene: Discourse, cue: Cue) -> SubjectResult:
    """Return who stands right after the verb: said NAME, said the mayor."""
    text = scene.document.text
    assert cue.verb is not None  # noqa: S101 - the caller has seen to it
    stop = min(cue.end, cue.verb[1] + 60)
    for at, _, person in scene.people.mentions(text, cue.verb[1], stop):
        between = text[cue.verb[1] : at]
        if not re.search(r"[,，]|\b(?:to|of|with|about|for|who)\b", between):
            return person, True
        break
    clause = text[cue.verb[1] : stop]
    pronoun = re.match(r"\s*(?:(?P<he>he)|(?P<she>she))\b", clause)
    if pronoun:
        return scene.meant(cue.start, "she" if pronoun.lastgroup == "she" else "he"), True
    return find_subject_by_role(scene, clause), True


def find_subject_by_role(scene: Discourse, clause: str) -> Person | None:
    """Return the one person whom the text calls what *clause* calls its subject."""
    role = ROLE.search(clause)
    if role is None or _NOT_KNOWN.search(clause):
        return None
    return scene.called(role.group())


def _find_unlisted_person(scene: Discourse, region: str) -> Person | None:
    """Return a person named in Han before the verb and nowhere known yet."""
    text = scene.document.text
    clause = re.split("[，、；：]", region.rstrip("，,：: "))[-1].strip()
    subject = strip_adverbs(clause)
    *_, owned = subject.split("的")
    *roles, tail = re.split(rf"(?:{ROLE_HAN}|[{HAN}][員师師长長者民])(?=.)", owned)
    called = tail.strip()[-3:] if tail.strip()[-4:-3] in tuple("人家手工生伯叔") else ""
    for name in (tail.strip(), called):
        if (
            not guess_sex(name)
            and not is_word(name)
            and re.fullmatch(f"[{HAN}]{{2,6}}", name)
            and (
                (
                    is_likely_name(name)
                    and (len(name) == 3 or roles)
                    and text.count(name, 0, 20_000) > 0
                )
                or (roles and name == tail.strip() and len(name) < 4 and has_no_common_word(name))
            )
        ):
            return Person(name=name, forms=frozenset({name}))
    return None
