"""Closed word lists of Chinese and English that the text modules share, as regular expressions."""

import re

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
KANA = "\u3040-\u30ff\uff66-\uff9f"

SAY_HAN = (
    "說道|說|説|说|表示|認為|认为|指出|強調|强调|解釋|解释|坦言|坦承|坦白|補充|补充|回答|回應|回应|答道|"
    "回憶|回忆|直言|警告|問道|问道|追問|追问|反問|反问|問|问|寫道|写道|寫|写|總結|总结|透露|提到|提醒|"
    "形容|觀察|观察|質問|质问|承認|承认|主張|主张|分享|描述|宣布|呼籲|感嘆|感歎|感慨|笑道|喊道|談到|"
    "谈到|點出|点出|聲稱|宣稱|預測|预测|比喻|建議|建议|斷言|開玩笑|自嘲|反駁|反驳|聲明|引述|引用|"
    "說明|说明|告訴|告诉|述べ|語っ|言っ|話し"
)
SAY_LATIN = (
    "said|says|say|saying|told|tells|asked|asks|added|adds|explained|explains|wrote|writes|replied|"
    "replies|answered|answers|argued|argues|noted|notes|recalled|recalls|warned|warns|admitted|"
    "admits|insisted|insists|claimed|claims|observed|observes|continued|continues|concluded|"
    "concludes|announced|announces|stated|states|remarked|quipped|joked|jokes|countered|"
    "counters|responded|responds|acknowledged|acknowledges|believes|believed|suggested|suggests|"
    "declared|declares|conceded|concedes|reflected|reflects|joking|laughs|laughed|predicted|predicts|"
    "cautioned|cautions|urged|urges|testified|confessed|stressed|stresses|emphasized|emphasised|"
    "pointed out|points out|put it|puts it|goes on|went on|agreed|agrees|shot back|mused|muses"
)
SAYS = re.compile(rf"(?:{SAY_HAN})|\b(?:{SAY_LATIN})\b")


def words(text: str) -> frozenset[str]:
    """Return the words of *text*, which white space separates."""
    return frozenset(text.split())


ABBREVIATIONS = words(
    "mr mrs ms dr prof sr jr st vs etc inc ltd co corp no vol fig eq gen sen rep gov hon rev "
    "capt col lt sgt dept est approx e.g i.e cf al a.m p.m u.s u.k u.n ph.d d.c jan feb mar apr "
    "jun jul aug sep sept oct nov dec mt ft messrs mme"
)
