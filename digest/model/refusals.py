"""What a mail server's refusal is about: the reader's address, the mailbox, or the sender.

Status codes (RFC 3463, 5248) are exact with few servers: Postfix writes 5.0.0 for every plain 5xx,
Exchange 5.4.1 for an address that does not exist. So the words decide, then the status. What is
said of the sender must never count against a reader: where it cannot be told it is ``unclear``.
"""

import re
from typing import Literal

RefusalCause = Literal["reader", "mailbox", "sender", "message", "route", "unclear"]

_MAILBOX = re.compile(r"<[^<>\s]*@?[^<>\s]*>|[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;:]+")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")


def _compile_words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_NOUN = (
    r"(?:user|recipient|mail ?box|account|address|customer|addressee|inbox|rcpt|person|mail ?drop)"
)
# Tried in this order: "sender rejected: user unknown" speaks of the sender, and "user unknown, see
# our policy at ..." of the reader.
_SENDER_FIRST = _compile_words(
    r"relay(?:ing)?\b.{0,40}(?:denied|prohibited|not (?:allowed|permitted)|refused|forbidden)",
    r"(?:not (?:allowed|permitted|authori[sz]ed)|unable|cannot|refus\w+|won'?t|do(?:es)? not) "
    r"(?:to )?relay",
    r"rcpthosts|relayhost|relay access|open relay|not a local (?:domain|host)",
    r"\b(?:helo|ehlo)\b",
    r"\b(?:sender|return[- ]path|mail from|from (?:address|header|domain)|envelope from)\b"
    r".{0,60}(?:reject|den(?:y|ied)|refus|block|verif|invalid|unknown|not (?:allowed|found|exist|"
    r"owned|authori[sz]ed)|does(?: not|n'?t)|unauthori[sz]ed|mismatch|must|misformatted|deliver)",
    r"sender (?:thread|limit|policy|domain|reputation|denied|not)|(?:bad|blocked|unknown|"
    r"untrusted) sender",
    r"block(?:ed)? ?(?:list|using|by|from sending)|black ?list|deny ?list|\b(?:dns|r)bl\b|spamhaus|"
    r"spamcop|barracuda|sorbs|senderbase|senderscore|proofpoint|cloudmark|uceprotect|mimecast",
    r"reputation|unsolicited|\bspam\b(?! ?folder)|spam(?:my|mer|ming)|junk ?mail|bulk "
    r"mail|phish|\buce\b",
    r"\bdmarc\b|\bdkim\b|\bspf\b|unauthenticated|not authenticated|sender id\b",
    r"authentication (?:is )?(?:required|failed|needed)|auth(?:entication)? (?:first|fail)|"
    r"must (?:be )?(?:authenticate|issue a starttls)|starttls (?:command )?first|log ?in "
    r"(?:first|required)"
    r"|smtp auth|not logged in",
    r"reverse (?:dns|hostname|lookup|name)|\bptr\b|\brdns\b|fcrdns",
    r"(?:your|sending|client|connecting|source|sender'?s?) (?:ip|host|mail ?server|server|network|"
    r"mta|domain|account|address)",
    r"\bclient (?:host|address|ip)\b|host (?:is )?(?:rejected|denied|blocked|banned|"
    r"refused)|banned",
    r"(?:daily|hourly|monthly|per[- ](?:day|hour|minute|second)|sending|outgoing|outbound|relay|"
    r"submission|account|plan|send|message(?!s? (?:size|length)))\b.{0,30}(?<!size "
    r")(?<!fixed )(?:limit|quota|rate\b|"
    r"allowance|credits?)",
    r"(?:limit|quota|rate|credits?)\b.{0,30}(?:per (?:day|hour|minute|second)|of messages|"
    r"for sending|"
    r"sending|for today|for your (?:account|plan|domain))",
    r"frequency|complain|unusual|administrativ\w+ (?:prohib|deni|reject)|"
    r"rate[- ]?limit|throttl|too (?:fast|many (?:concurrent|simultaneous)? "
    r"?(?:connections|messages|"
    r"mails|emails|recipients|sessions|errors|commands|requests))|slow down|concurren|simultaneous",
    r"(?:account|domain|user|sender)\b.{0,30}(?:suspended|disabled|blocked) (?:for|from) "
    r"(?:sending|abuse)|"
    r"sending (?:is |has been )?(?:suspended|disabled|paused|blocked|denied)|account under review",
    r"\b(?:HL|MI|RP|DT|IP|WM|SC|SPF):[A-Z]{2,3}\b",  # 163, 126, yeah.net: their list of codes
    r"垃圾|黑名[单單]|发信|發信|发件|發件|寄件者|寄信|频率|頻率|反垃圾|信誉|信譽|群发|群發|投诉|投訴|拒绝转发|拒絕轉送",
    r"送信(?:元|者)|迷惑メール|スパム|中継",
    r"absender|spamverdacht|expéditeur|remitente",
)
_READER = _compile_words(
    rf"(?:unknown|no such|invalid|bad|non[- ]?existent|inactive|disabled|unrouteable|illegal|"
    rf"undeliverable|nonexistent|expired|dead|deactivated) (?:\w+ )?{_NOUN}",
    rf"{_NOUN}s?\b.{{0,40}}(?:(?:does|do|did|is|are|was|has been|could)(?: not|n'?t)? ?(?:be )?)?"
    rf"(?:not (?:exist|found|known|valid|recogni[sz]ed|active|here|a valid|local|listed|"
    rf"available|in use|"
    rf"hosted)|n'?t (?:exist|found|valid|have)|unknown|no longer|non[- ]?exist|inactive|"
    rf"(?<!temporarily )disabled|deactivated|discontinued|closed|terminated|deleted|removed|"
    rf"expired|invalid|(?<!temporarily )suspended|unroutable|not have an account)",
    rf"(?:not a|isn'?t a|no(?! valid recipients)) (?:valid |known |local |such )*{_NOUN}",
    rf"(?:no|not) .{{0,20}}\b{_NOUN}\b (?:here|by that name|with that name|by this name)",
    r"user ?unknown|unknown ?user|nosuchuser|recipnotfound|recipientnotfound|does not "
    r"like recipient|"
    r"bad destination mailbox|resolver\.adr|unknown or illegal alias|no mailbox here|no mail ?box",
    r"mailbox (?:is )?unavailable(?! or access)",
    r"recipient address rejected: access denied",
    r"null ?mx|does not accept mail",
    r"(?:收件|用[户戶]|使用者|信箱|[邮郵]箱|[帐帳账]号|[帐帳]號|[邮郵]件地址|地址|收信)[^，。]{0,12}?(?:不存在|無效|无效|停用|"
    r"未找到|找不到|不正确|不正確|注销|註銷|已失效)|(?:无此|無此|沒有此|没有此|沒有這個)",
    r"(?:宛先|受信者|ユーザ|メールボックス|アドレス|アカウント)[^、。]{0,12}?(?:存在しません|見つかりません|不明|無効|ありません)",
    r"empfänger.{0,30}(?:unbekannt|existiert|ungültig)|benutzer unbekannt|"
    r"destinataire.{0,20}(?:inconnu|"
    r"invalide)|utilisateur inconnu|n'existe pas|no existe|usuario (?:desconocido|inexistente)|"
    r"destinatario (?:desconocido|sconosciuto)|utente sconosciuto",
)
_MAILBOX_FULL = _compile_words(
    r"(?:mail ?box|inbox|account|user|recipient|mail ?drop|quota|storage|"
    r"maildir)\b.{0,40}(?:\bfull\b|"
    r"exceed|over ?(?:quota|the|its|limit)|out of|insufficient|too large|exhausted)",
    r"over ?quota|quota (?:is )?(?:full|exceeded)|exceed\w* .{0,30}(?:quota|storage|mail ?box)|"
    r"out of storage|not enough (?:space|storage)|insufficient (?:space|disk|storage)|"
    r"full mail ?box",
    r"receiving (?:mail|messages) (?:too|at a rate)|temporarily (?:disabled|suspended|inactive)|"
    r"on (?:vacation|holiday) hold",
    r"信箱已?[满滿]|[邮郵]箱(?:已|容量)?[满滿]|容量|空[间間]不足|已满|已滿|容量不足|満杯|いっぱい|postfach.{0,20}voll|"
    r"boîte.{0,20}pleine|buz[oó]n lleno",
)
_MESSAGE = _compile_words(
    r"message (?:size|is too|too|length|body)|too (?:large|big|long)|size limit|maximum.{0,20}size|"
    r"exceeds? .{0,30}(?:size|bytes)|oversize",
    r"attachment|virus|malware|malformed|mime\b|\bheaders?\b|rfc ?\d{3,4}|line (?:too "
    r")?long|bare [cl]f|"
    r"8 ?bit|附件|病毒",
)
_CONTENT = _compile_words(
    r"polic(?:y|ies)|content|\bjunk\b|\bbulk\b|prohibited|security|suspicious|内容|內容|拒[收绝絕]|禁止|限制",
    r"protocol|command (?:rejected|unrecogni[sz]ed|sequence|not)|(?:access|message|mail|delivery) "
    r"(?:den(?:y|ied)|refused|blocked|rejected|not accepted)|not (?:accepted|authori[sz]ed|allowed|"
    r"permitted)|service (?:refused|denied)|\bblocked\b",
)
_ROUTE = _compile_words(
    r"name service|host (?:or domain )?(?:name )?not found|domain (?:not found|does not (?:exist|"
    r"resolve))|no (?:mx|route|a record)|unrouteable|unreachable|timed? ?out|connection "
    r"(?:refused|lost|reset|dropped)|could not (?:connect|resolve)|dns|mx (?:record|"
    r"lookup)|too many hops|"
    r"loop|retry time|expired|greylist|graylist|try (?:again|later)|temporar|deferred",
)
_NO_DOMAIN = _compile_words(r"(?:domain|host)(?: name)? not found|name service error")
_OF_SENDER = _compile_words(r"\bsender\b|return[- ]path|mail from")
_GREYLISTING = _compile_words(r"gr[ae]y ?-?list", r"postgrey", r"first time sender", r"灰名[单單]")

_BY_STATUS: dict[str, RefusalCause] = {
    **dict.fromkeys(("1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "7.17", "7.18"), "reader"),
    **dict.fromkeys(("2.2", "2.4"), "mailbox"),
    **dict.fromkeys(("1.7", "1.8", "1.9"), "sender"),
    **dict.fromkeys(("2.3", "3.4"), "message"),
    **dict.fromkeys(("1.0", "1.4", "1.5", "2.0", "0.0"), "unclear"),
}
_BY_SUBJECT: dict[str, RefusalCause] = {
    "3": "route",
    "4": "route",
    "5": "sender",
    "6": "message",
    "7": "sender",
}


def find_refusal_cause(text: str, status: str = "") -> RefusalCause:
    """Return what the refusal *text* is about; *status* is a code (RFC 3463) told beside it.

    >>> concern_of("550 5.1.1 <lin@example.org>: user unknown")
    'reader'
    >>> concern_of("550 sending IP is on a block list", "5.0.0")
    'sender'
    """
    found = _STATUS.search(text) or _STATUS.search(status)
    code = f"{found[2]}.{found[3]}" if found else ""
    exact = _BY_STATUS.get(code, "unclear") if found and found[1] == "5" else "unclear"
    words = _MAILBOX.sub(" ", text)
    by_words = _find_cause_by_words(words)
    if exact == "reader" and _READER.search(words) and not _OF_SENDER.search(words):
        return "reader"
    if by_words in ("route", "message") and exact in ("reader", "mailbox"):
        return exact
    if by_words != "unclear":
        return by_words
    return _BY_STATUS.get(code) or _BY_SUBJECT.get(code.partition(".")[0], "unclear")


def _find_cause_by_words(words: str) -> RefusalCause:
    order: tuple[tuple[re.Pattern[str], RefusalCause], ...] = (
        (_SENDER_FIRST, "sender"),
        (_NO_DOMAIN, "route"),
        (_READER, "reader"),
        (_MAILBOX_FULL, "mailbox"),
        (_MESSAGE, "message"),
        (_ROUTE, "route"),
        (_CONTENT, "sender"),
    )
    return next((concern for pattern, concern in order if pattern.search(words)), "unclear")


def is_greylisting(text: str) -> bool:
    """Tell whether *text* says that whoever is new is put off once (greylisting)."""
    return bool(_GREYLISTING.search(text))


_REMEDIES = (
    (r"\b(?:helo|ehlo)\b", "Set hostname in [mailers.smtp] to the full name of this machine."),
    (
        r"relay|rcpthosts|authenticat|\bauth\b|log ?in|\b53[0458]\b",
        "Set user in [mailers.smtp] and the password with: digest login smtp",
    ),
    (
        r"daily|hourly|monthly|quota|credits?|limit exceeded|exceeded.{0,20}limit",
        "The account may send no more for now: wait, or raise its limit.",
    ),
    (
        r"\b(?:spf|dkim|dmarc|ptr|rdns)\b|reverse|unauthenticated",
        "See what is missing with: digest doctor --mail",
    ),
    (
        r"block ?(?:ed|list)|black ?list|spamhaus|reputation|\b(?:dns|r)bl\b|黑名[单單]",
        "The server's address is on a block list: look it up there, or send by another server.",
    ),
    (r"sender|from (?:address|header)|verified", "See that from in [mail] may be used there."),
    (r"size|too (?:large|big)", 'Make the mail smaller: pictures = "link" in [mail].'),
    (r"spam|content|polic|垃圾|内容", "Ask the provider why, or send a test: digest send --to."),
)


def suggest_remedy(text: str) -> str:
    """Return what a person can do about *text*, a refusal of the sender; "" where nothing is known.

    >>> remedy_for("504 5.5.2 <vm>: Helo command rejected")
    'Set hostname in [mailers.smtp] to the full name of this machine.'
    """
    words = _MAILBOX.sub(" ", text)
    return next((said for what, said in _REMEDIES if re.search(what, words, re.IGNORECASE)), "")
