"""Closed word lists of Chinese and English that the text modules share, as regular expressions."""

import re

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
KANA = "\u3040-\u30ff\uff66-\uff9f"

SAY_HAN = (
    "說道|説道|说道|表示|認為|认为|指出|強調|强调|解釋|解释|坦言|坦承|坦白|補充|补充|回答|回應|"
    "回应|答道|回覆|"
    "回憶|回忆|直言|警告|問道|问道|追問|追问|反問|反问|提問|寫道|写道|寫下|總結|总结|透露|提到|"
    "提醒|"
    "形容|觀察到|質問|质问|承認|承认|主張|主张|分享|描述|宣布|呼籲|感嘆|感歎|感慨|笑道|喊道|大喊|喊|談到|"
    "嘆道|"
    "谈到|點出|点出|聲稱|宣稱|預測|预测|比喻|建議|建议|斷言|開玩笑|自嘲|反駁|反驳|聲明|引述|引用|"
    "說明|说明|告訴|告诉|說過|笑說|就說|還說|苦笑|笑了|反應|重申|批評|批评|反思|提及|談及|喊話|"
    "痛批|抨擊|(?<![來来])[說説说]|"
    "(?<!被)[問问](?!題|题|世|卷|號)|寫|写|答|述べ|語っ|"
    "言っ|話し"
)
SAY_LATIN = (
    "said|says|saying|say|used to tell|remembers|remembered|thinks|thought|written|"
    "grins|grinned|smiles|smiled|told|tells|"
    "asked|asks|added|adds|explained|explains|wrote|writes|replied|"
    "replies|answered|answers|argued|argues|noted|notes|recalled|recalls|warned|warns|admitted|"
    "admits|insisted|insists|claimed|claims|observed|observes|continued|continues|concluded|"
    "concludes|announced|announces|stated|states|remarked|quipped|joked|jokes|countered|"
    "counters|responded|responds|acknowledged|acknowledges|believes|believed|suggested|suggests|"
    "declared|declares|conceded|concedes|reflected|reflects|laughs|laughed|predicted|predicts|"
    "cautioned|cautions|urged|urges|testified|confessed|stressed|stresses|emphasized|emphasised|"
    "pointed out|points out|put it|puts it|went on|agreed|agrees|shot back|mused|muses|offered|"
    "shouted|whispered|explaining|adding|recalling|[Aa]ccording to|posted|tweeted|commented|"
    "repeated|"
    "protested|sighed|began|begins|shrugged|read|vowed|promised|complained|maintained|reported|"
    "described|called out|snapped|murmured|grumbled"
)
SAYS = re.compile(rf"(?:{SAY_HAN})|\b(?:{SAY_LATIN})\b")
ASKS = re.compile(r"問|问|質疑|\b(?:asked|asks)\b")
ROLE_HAN = (
    "共同創辦人|創辦人|創始人|创始人|執行長|执行长|首席執行官|技術長|營運長|財務長|董事長|董事长|"
    "總裁|总裁|"
    "總經理|总经理|教授|博士|院士|校長|校长|院長|所長|部長|部长|主任|主席|議員|议员|總統|总统|"
    "副總統|總理|總書記|"
    "研究員|研究员|工程師|工程师|設計師|分析師|投資人|創投家|主持人|記者|记者|作家|作者|導演|导演|"
    "編輯|經理|"
    "學家|学家|醫師|醫生|律師|老師|隊長|船長|上將|將軍|市長|市长|發言人|負責人|负责人|合夥人|顧問|"
    "得主|館長|"
    "主廚|大廚|廚師|主編|總編|演員|詩人|畫家|教練|司機|店主|店長|園長|會長|理事長|秘書長|局長|"
    "處長|廠長|班長|站長|CEO|CTO|CFO|COO|"
    "首席执行官|首席技术官|首席科学家|总经理|经理|设计师|分析师|医生|律师|老师|队长|校长|院长|主编|编辑|"
    "作家|作者|导师|秘书长|负责人|发言人|主持人|演员|诗人"
)
ROLE_LATIN = (
    "founder|co-founder|cofounder|CEO|CTO|CFO|COO|chief executive|president|professor|director|"
    "manager|mayor|minister|senator|governor|engineer|scientist|researcher|author|editor|host|"
    "captain|chef|baker|farmer|teacher|principal|doctor|nurse|lawyer|curator|librarian|"
    "spokeswoman|spokesman|spokesperson|coach|designer|developer|biologist|economist|historian|"
    "analyst|investor|chairman|chairwoman|chair|owner|artist|novelist|poet|musician|conductor|"
    "chief|secretary|commissioner|superintendent|officer|technician|architect|keeper|ranger|"
    "photographer|journalist|reporter|interviewer|moderator|detective|judge|pilot|mechanic|"
    "gardener|carpenter|translator|astronomer|geologist|volunteer|leader|lawyer|attorney|counsel|"
    "producer|critic|columnist|botanist|linguist|ecologist|physicist|chemist|psychologist|"
    "sociologist|philosopher|playwright|singer|songwriter|composer|cellist|violinist|actor|"
    "actress|steward|maintainer|programmer|planner|adviser|advisor|consultant|partner|"
    "congressman|congresswoman|lawmaker|representative|student|postman|trader|shopkeeper|"
    "firefighter|surgeon|physician|steward|inspector|sergeant|treasurer|trustee|warden|"
    "fisherman|grower|driver|plumber|electrician|locksmith|waiter|barista|entrepreneur|executive|"
    "master|speaker|winner|champion|veteran|activist|organizer|organiser|advocate|pastor|priest"
)
HAN_RUN = re.compile(f"[{HAN}]+$")


def words(text: str) -> frozenset[str]:
    """Return the words of *text*, which white space separates."""
    return frozenset(text.split())


ABBREVIATIONS = words(
    "mr mrs ms dr prof sr jr st vs etc inc ltd co corp no vol fig eq gen sen rep gov hon rev "
    "capt col lt sgt dept est approx e.g i.e cf al a.m p.m u.s u.k u.n ph.d d.c jan feb mar apr "
    "jun jul aug sep sept oct nov dec mt ft messrs mme"
)

_SHORT = words(
    "[A-Z] Dr Mr Ms Mrs Prof Sen Rep Gov Lt Gen Col Capt Sgt Rev St Jr Sr Inc Corp Ltd Co No vs "
    "Del Calif Mass Penn Conn Ariz Minn Wash Ala Ga Va Fla"
)
# A full stop that ends a sentence, and one that ends a short form only.
FULL_STOP = "[.]" + "".join(rf"(?<!\b{word}\.)" for word in sorted(_SHORT))
SHORT_STOP = "[.](?:" + "|".join(rf"(?<=\b{word}\.)" for word in sorted(_SHORT)) + ")"
