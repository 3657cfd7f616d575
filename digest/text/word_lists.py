"""Closed lists of words, for Chinese, English and Japanese: what is a name, what a hint.

Closed lists that tell names of people from other words, for Chinese, English and Japanese.

Closed word lists of Chinese and English that the text modules share, as regular expressions.
"""

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
    "言っ|話し|(?<![演開开主聽听])[講讲](?![者座堂師师課课解述稿題题義义台壇坛臺])"
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
# What no verb starts with is passed over at once: a third of the time.
_HAN_FIRST = "".join(sorted(set(re.findall(f"[{HAN}{KANA}]", SAY_HAN))))
_LATIN_FIRST = "".join(sorted({verb.lstrip("[")[:2] for verb in SAY_LATIN.split("|")}))
SAYS = re.compile(rf"(?=[{_HAN_FIRST}])(?:{SAY_HAN})|\b(?=[{_LATIN_FIRST}])(?:{SAY_LATIN})\b")
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


def split_words(text: str) -> frozenset[str]:
    """Return the words of *text*, which white space separates."""
    return frozenset(text.split())


ABBREVIATIONS = split_words(
    "mr mrs ms dr prof sr jr st vs etc inc ltd co corp no vol fig eq gen sen rep gov hon rev "
    "capt col lt sgt dept est approx e.g i.e cf al a.m p.m u.s u.k u.n ph.d d.c jan feb mar apr "
    "jun jul aug sep sept oct nov dec mt ft messrs mme "
    "bzw ca nr vgl ggf evtl bspw inkl mio mrd mlle sra srta dra núm pág "
    "abb tab exkl zzgl max min mind tel str az hrsg dipl ing mag univ jh jhdt sog geb gest verh "
    "art env mgr bd av boul chap éd ch pp vol tél dir depto dpto av avda gral admón d.ª ud uds lic "
    "arq hno hnos tel teléf cía"
)

_SHORT = split_words(
    "[A-Z] Dr Mr Ms Mrs Prof Sen Rep Gov Lt Gen Col Capt Sgt Rev St Jr Sr Inc Corp Ltd Co No vs "
    "Del Calif Mass Penn Conn Ariz Minn Wash Ala Ga Va Fla"
)
# A full stop that ends a sentence, and one that ends a short form only.
FULL_STOP = "[.]" + "".join(rf"(?<!\b{word}\.)" for word in sorted(_SHORT))
SHORT_STOP = "[.](?:" + "|".join(rf"(?<=\b{word}\.)" for word in sorted(_SHORT)) + ")"


SURNAMES = frozenset(
    "歐欧肖榮荣貝贝桑藺蔺龐庞芮靳郗宓仇厲厉湛蒲冼儲储狄佟俞凌卜甯紀纪鄢"
    "王李張张劉刘陳陈楊杨黃黄趙赵周吳吴徐孫孙朱馬马胡郭林何高梁鄭郑羅罗宋謝谢唐韓韩曹許许鄧邓蕭萧馮冯曾程蔡"
    "彭潘袁于董余蘇苏葉叶呂吕魏蔣蒋田杜丁沈姜范江傅鍾钟盧卢汪戴崔任陸陆廖姚方金邱丘夏譚谭韋韦賈贾鄒邹石熊"
    "孟秦閻阎薛侯雷白龍龙段郝孔邵史毛常萬万顧顾賴赖武康賀贺嚴严尹錢钱施牛洪龔龚湯汤陶黎溫温莊庄簡简游連连顏颜孫佘匡翟费費池桑尤衛卫古安畢毕鄺邝樊聶聂焦殷葛祝齊齐伍岳甘寧宁駱骆盛符冉竇窦岑鮑鲍覃褚戚婁娄牟欒栾屈卞裴苗霍滕閔闵耿隋柴"
    "習习施涂塗柯鄔詹翁巫卓阮倪藍蓝宮宫章辛單单季鄂祁麻牧戈闞霍穆宗席項项祖虞莫房繆缪柏喻柳臧茅舒屈梅刁邰鄢扈燕冀尚晏瞿戎蔚鞏晁敖訾闕饒饶蒯荊逯桓巴倪花管路肖"
)

TRANSLITERATES = frozenset(
    "阿艾愛爱安奧奥巴貝贝比彼波伯博布查茨達达戴德迪蒂多杜恩爾尔法菲費费芬佛弗夫福戈格葛古哈海漢汉赫霍基吉加賈贾"
    "傑杰卡凱凯坎考柯科克肯庫库拉萊莱蘭兰朗勞劳勒雷里利列林琳倫伦羅罗洛馬马麥麦曼梅蒙米莫姆納纳南內内尼涅努"
    "諾诺歐欧帕派佩皮普翠奇喬乔切瑞若薩萨塞桑沙舍史斯索塔泰坦湯汤特提圖图托瓦威韋韦維维沃烏乌西希夏謝谢休雅亞亚"
    "揚扬耶伊因尤約约扎詹茲兹茱迦魯鲁川范契倪娜娃妮莉莎蕾蘿蓋盖森頓顿登丹瑪玛魏強强勃茅瓊琼珊朱邦保寶宝察理彼得"
)
# Surnames that are more often an ordinary word.
WEAK_SURNAMES = frozenset(
    "于紀包左高方寧程常白路花管安石金雷溫江何單童史古萬毛龍牛武連強夏章游巫湯黎項席齊習簡施陸嚴任計柏祖茅舒屈莫房曾"
)
# Words that start as a name would: a surname and what could be given.
NO_NAMES = split_words(
    "高度 高品 高中 高級 高手 高峰 高階 高效 高層 高管 馬上 馬達 方面 方式 方法 方向 方案 "
    "方程 方便 於是 於此 金額 金融 金錢 金屬 白天 白板 常常 常見 常用 常識 萬一 江湖 雷同 "
    "雷達 毛利 史上 史丹 平均 平台 安全 安靜 安排 安裝 許多 許可 何時 何必 連續 連結 連接 "
    "溫度 溫暖 章節 強調 強化 程式 程度 程序 梁柱 石油 石頭 管理 管道 路徑 路線 花費 花錢 "
    "單純 單一 單位 湯匙 古老 易於 項目 席次 冀望 祖先 莫非 莫斯 房間 房東 柳樹 宗旨 麻煩 "
    "戈壁 季節 季度 陶瓷 沈默 沈重 施工 施行 洪水 陸續 陸軍 康復 夏天 賴以 龍頭 游戲 顏色 "
    "左右 胡扯 胡說 任何 任務 任職 童年 田野 牛肉 尤其 衛星 畢竟 畢業 溫和 關於 曾告 曾經 "
    "曾任 曾說 曾有 曾試 曾表 曾提 曾主 曾獲 曾指 曾形 曾寫 曾公 曾多 曾引 曾稱 曾與 曾被 "
    "曾擔 曾帶 雙方 廣告 高興 高速 余下 曹操 余地 巫師 成本 "
    "簡單 簡報 簡化 簡直 習慣 嚴格 嚴重 嚴肅 單獨 單可 單元 周圍 周邊 周末 毛骨 施加 任內 連番 "
    "連父 紀錄 高標 高性 高端 高維 高成 高購 "
    "寧可 寧願 供應 萬美 萬移 萬人 花越 花太 花大 花幾 花最 花了 方出 方無 方都 楊半 齊研 齊偽 "
    "左右 金計 習微 馬座 乃至 類來 "
    "安心 康莊 白人 白領 童話 石化 水平 武器 武裝 連鎖 連串 雲端 計畫 牛津 牧場 梅雨 花園 花絮 "
    "房屋 席捲 柏油 "
    "首先 其次 最後 然後 之後 以後 目前 現在 今天 明天 昨天 已經 可以 應該 必須 需要 開始 "
    "繼續 決策 決定 聚一 當時 隨後 接著 同時 另外 因此 所以 但是 如果 雖然 因為 表達 認識 "
    "發現 看見 聽見 知道 相信 覺得 希望 喜歡 討論 分析 研究 設計 管理 訓練 工作 生活 時間 "
    "世界 社會 國家 公司 政府 市場 技術 產業 經濟"
)
NOT_PEOPLE = split_words(
    "Inc Corp Corporation Labs Lab Research University Institute Capital Ventures Group AI Podcast "
    "Show The This That These Those It Its But And Or In On At When While She He They We You I If "
    "As For So What There Then Here Why How Who Where Yes No Not Now One Two Three Most Many Some "
    "Intelligence Learning Model Models Center Centre Street City Times News Foundation Company "
    "Council Committee Department Ministry Bank Court School College Hospital Museum Library "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May "
    "June July August September October November December Street Avenue Road River Lake Mount "
    "Bay Island County State States North South East West New Party House Association Agency "
    "Technologies Systems Software Securities Energy Motors Coding Lines Solutions Partners "
    "Union Club Team Project Program Agreement Act Street Google Microsoft Apple Amazon Meta "
    "OpenAI Anthropic Nvidia NVIDIA Tesla ChatGPT Claude Gemini GPT YouTube Twitter Facebook "
    "Instagram LinkedIn Reddit Netflix Spotify Transformer Agent Agents API CEO CTO CFO COO GPU "
    "Silicon Valley Data Code Open Source Public Benefit General Artificial Machine Deep Large "
    "Language Foundation Street Journal Post Review Magazine Radio Television TV Festival Prize "
    "After Before Because Since Although Though Until Once Even Still Yet Also Just Only Both "
    "Afterwards Later Earlier Meanwhile Today Yesterday Tomorrow Never Ever Nobody Somebody "
    "Everybody Everyone Someone Anyone Nothing Something People Critics Experts Among Inside "
    "Under Secretary Talks Asked Writing Outside Households Hospitals Opponents Families Players "
    "Saint His Her My Our Your Their Each Every Another Other Such First Second Last Next Like "
    "With Without From To By Of "
    "Executive Financial Operating Senior Junior Vice Deputy Federal National International Royal "
    "Republican Democratic Democrat Independent Laws Scaling Prompt Alignment Skills Marketplace "
    "Dept Department Security Homeland White Supreme Justice Treasury Gazette Courier Herald "
    "Tribune "
    "Industries Zero Minutes Flash Pro Max Mini Ultra Plus Studio Cloud Air World Intel AMD TSMC "
    "Oracle Samsung IBM Qualcomm Broadcom Boeing Uber Airbnb Stripe Adobe Salesforce Reuters "
    "Bloomberg Politico Disney Sony Toyota Walmart Shopify Slack Zoom Wikipedia Tencent Alibaba "
    "Baidu Huawei Gemini Grok Llama Sora Copilot Opus Sonnet Haiku Kickstarter Ethereum Bitcoin "
    "Board Parliament Cabinet Ltd LLC Inc PhD MD Investors Officials Researchers Scientists "
    "Workers Teachers Students Residents Users Customers Engineers Developers Designers Police "
    "However Moreover Nevertheless Thus Hence Therefore Perhaps Maybe Instead Indeed Finally "
    "Eventually Suddenly Again Asked According Speaking Born Dear Thanks Thank Hello Please Sorry "
    "Would Could Should Will Can Did Does Do Has Had Have Was Were Are Is Been Being Let Get Got "
    "Imagine Suppose Consider Take Give Make Look See Think Remember Try Go Come Read Write Order "
    "Well Sure Okay OK Oh Ah Hi Mr Ms Mrs Dr Nor Neither Either Whether While Whereas Unlike Upon "
    "Over Above Below Between Beyond Behind Beside Besides Despite During Across Along Around "
    "About Against Off Out Up Down Through Throughout Toward Towards Within Via Per Like Unless "
    "Use Using Run Running Build Building Set Add Check Click Press Select Install Create Making "
    "Private Better Best More Less Split Note Update Updates Engineer Manager Officer Director "
    "Scientist Researcher Developer Designer Analyst Assistant Specialist Leader Consultant "
    "Forward Experience Central Protocol Dispatch Strings System Statistical Analysis "
    "An Be Me Us Am Jr Al El La De Di Du"
)

PERSONAL_LATIN = (
    "laughs|laughed|recalls|recalled|remembers|remembered|smiles|smiled|grins|grinned|jokes|"
    "joked|shrugs|shrugged|nods|nodded|sighs|sighed|thinks|thought|admits|admitted|quipped|"
    "mused|muses|whispered|shouted|grumbled|murmured|paused|wept|cried|frowned|reflects|"
    "reflected|confessed|replied|replies|answered|answers|told|tells|asks|asked|wonders|wondered"
)

PERSONAL_HAN = (
    "笑|回憶|回忆|坦言|坦承|坦白|苦笑|感嘆|感歎|感慨|自嘲|直言|點頭|点头|搖頭|摇头|想了想|嘆|皺眉|"
    "聳肩|追問|追问|反問|"
    "反问|打趣|調侃|比喻|開玩笑|舉例|回答|答道|補充道|不諱言|承認|承认|引用|問了|問道|說了|寫道|"
    "寫信|(?<![小聽听據据來来])說(?![明法服])|(?<![来])说(?![明法服])"
)

ORG_LATIN = (
    "company|firm|start-?up|maker|platform|service|studio|lab|laboratory|bank|publisher|retailer|"
    "group|agency|chain|website|app|tool|nonprofit|charity|university|town|city|village|county|"
    "river|island|newspaper|magazine|operator|contractor|developer|manufacturer|provider|"
    "organi[sz]ation|language|framework|library|program|model|series|restaurant|shop"
)

RELATIVES = (
    "mother|father|sister|brother|son|daughter|wife|husband|niece|nephew|aunt|uncle|cousin|"
    "grandmother|grandfather|friend|colleague|partner|neighbou?r|colleague|widow|widower|twin"
)

PREFIXES = (
    "sir|dame|lord|lady|mr|mrs|ms|miss|prof|father|sister|reverend|saint|councillor|councilman|"
    "councilwoman|councilmember|rep|sen|admiral|lieutenant|king|queen|prince|princess|pope|bishop|"
    "rabbi|imam|rector|vicar|herr|frau|justice|colonel|major|general|corporal|constable"
)

ROLED = (
    rf"(?:{ROLE_HAN}|[學学畫画專专歌演](?:家)|[教講讲助]授|[\u4e00-\u9fff][員员師师長长者民匠]|"
    r"(?<![有別没沒每讓令使給個些等])人(?!類|类|工|口|生|才|力|物|們|数|數|均)|代表|主廚|嚮導|"
    r"總監|總裁|總幹事|書記|警官|法官|檢察官|[表堂][姐哥弟妹]|室友|同學|學[長姐弟妹]|鄰居|"
    r"朋友|同事|妻子|丈夫|太太|女兒|兒子|搭檔|夥伴|"
    r"官員|選手|歌手)"
)

JAPANESE = (
    "佐藤|鈴木|高橋|田中|伊藤|渡邊|渡辺|山本|中村|小林|加藤|吉田|山田|佐佐木|佐々木|山口|松本|"
    "井上|木村|清水|山崎|池田|"
    "橋本|阿部|石川|山下|中島|石井|小川|前田|岡田|長谷川|藤田|後藤|近藤|村上|遠藤|青木|坂本|斉藤|"
    "齋藤|福田|太田|西村|藤井|"
    "金子|三浦|藤原|岡本|松田|中川|中野|原田|小野|田村|竹內|竹内|中山|和田|石田|森田|上田|內田|"
    "柴田|酒井|宮崎|橫山|高木|"
    "安藤|宮本|大野|小島|谷口|今井|丸山|武田|村田|上野|杉山|增田|平野|大塚|千葉|久保|松井|野口|"
    "木下|野村|菊地|佐野|大西|杉本|桐谷|藤崎"
)
# Common given names of women and of men, such as a reader takes them; those of both are left out.
WOMEN = split_words(
    "Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty "
    "Sandra Margaret Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie "
    "Rebecca Sharon Laura Cynthia Dorothy Amy Kathleen Angela Shirley Emma Brenda Pamela Nicole "
    "Anna Samantha Katherine Christine Helen Debra Rachel Carolyn Janet Maria Catherine Heather "
    "Diane Olivia Julie Joyce Victoria Ruth Virginia Lauren Kelly Christina Joan Evelyn Judith "
    "Andrea Hannah Megan Cheryl Jacqueline Martha Madison Teresa Gloria Sara Janice Ann Kathryn "
    "Abigail Sophia Frances Jean Alice Judy Isabella Julia Grace Amber Denise Danielle Marilyn "
    "Beverly Charlotte Natalie Theresa Diana Brittany Doris Kayla Alexis Lori Marie Anne Jane "
    "Priya Fatima Aisha Ayesha Mei Yuki Elena Ingrid Astrid Sofia Clara Lucia Nadia Leila Layla "
    "Zoe Chloe Lily Rosa Carmen Ines Greta Heidi Ursula Claudia Monica Veronica Simone Camille "
    "Fiona Nora Bridget Maureen Sheila Eleanor Harriet Beatrice Florence Edith Agnes Daniela "
    "Daphne Melanie Wendy Kate Kathy Katie Liz Beth Jill Tina Gina Ellen Erin Sally Molly Penny "
    "Rosalind Margot Miriam Naomi Esther Leah Deirdre Siobhan Constance Henrietta Josephine"
)
MEN = split_words(
    "James Robert John Michael David William Richard Joseph Thomas Charles Christopher Daniel "
    "Matthew Anthony Mark Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Timothy "
    "Ronald Edward Jason Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry Justin "
    "Scott Brandon Benjamin Samuel Gregory Frank Alexander Raymond Patrick Jack Dennis Jerry "
    "Tyler Aaron Jose Adam Nathan Henry Douglas Zachary Peter Kyle Ethan Walter Noah Jeremy "
    "Christian Keith Roger Gerald Carl Harold Sean Arthur Lawrence Dylan Jesse Bryan Bruce Joe "
    "Gabriel Albert Logan Alan Juan Wayne Roy Ralph Randy Eugene Vincent Russell Louis Philip "
    "Bobby Johnny Bradley Mike Steve Tom Bill Bob Jim Dan Dave Greg Jeff Ken Matt Nick Rob Tim "
    "Ben Luke Simon Martin Oliver Ian Neil Graham Colin Nigel Trevor Hugo Felix Oscar Leo Ivan "
    "Igor Sergey Dmitri Vladimir Hans Klaus Jurgen Lars Erik Bjorn Sven Anders Pierre Jacques "
    "Luc Marc Antoine Giovanni Marco Luca Mario Carlos Luis Miguel Pedro Diego Javier Mohammed "
    "Muhammad Ahmed Ali Omar Hassan Raj Rahul Arjun Vikram Sanjay Hiroshi Kenji "
    "Takashi Jonas Tobias Sebastian Dominic Edmund Frederick Geoffrey Gordon Howard Hugh Ernest "
    "Leonard Stuart Theodore Victor Warren Wesley Marcus Julian"
)
