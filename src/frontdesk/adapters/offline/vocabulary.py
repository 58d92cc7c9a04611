"""How people write by text: spellings, contractions, emoji and idioms, as tables from their form to plain English.

Data only. What the plain words mean together is in `cues`, dates and hours in `times`.
"""


def words(*tables: str) -> frozenset[str]:
    """The words of `tables`, which are separated by spaces."""
    return frozenset(word for table in tables for word in table.split())


# One written token -> plain words. Tokens are lower case, with straight apostrophes.
SPELLINGS: dict[str, str] = {
    # agreement
    "yeah": "yes", "yea": "yes", "yep": "yes", "yup": "yes", "ye": "yes", "yh": "yes", "yah": "yes", "yeh": "yes",
    "aye": "yes", "yeppers": "yes", "yess": "yes", "yass": "yes", "ys": "yes", "yas": "yes", "yip": "yes",
    "affirmative": "yes", "okay": "ok", "oki": "ok", "okey": "ok", "okie": "ok", "kk": "ok", "okk": "ok",
    "okdok": "ok", "oke": "ok", "okeydokey": "ok", "okiedokie": "ok", "alrighty": "alright", "aight": "alright",
    "alrite": "alright", "defo": "definitely", "deffo": "definitely", "def": "definitely", "defs": "definitely",
    "deff": "definitely", "definately": "definitely", "definatly": "definitely", "abso": "absolutely",
    "obvs": "obviously", "ofc": "of course", "nah": "no", "nope": "no", "naw": "no", "nay": "no", "nahh": "no",
    "noo": "no", "nop": "no", "noooo": "no",
    # courtesy
    "pls": "please", "plz": "please", "plse": "please", "pleas": "please", "plese": "please", "pleez": "please",
    "thx": "thanks", "thnx": "thanks", "thanx": "thanks", "tnx": "thanks", "ty": "thanks", "tysm": "thanks",
    "tks": "thanks", "thks": "thanks", "ta": "thanks", "cheers": "thanks", "thankyou": "thanks", "thank": "thanks",
    "tyvm": "thanks", "thnks": "thanks", "fanks": "thanks", "soz": "sorry", "sry": "sorry", "sori": "sorry",
    "m8": "mate", "hun": "mate", "bruv": "mate", "bro": "mate", "pal": "mate", "bud": "mate", "buddy": "mate",
    "fella": "mate", "dude": "mate", "luv": "mate",
    # small words
    "u": "you", "ur": "your", "yr": "your", "yur": "your", "r": "are", "ya": "you", "yer": "your", "yous": "you",
    "im": "i am", "iam": "i am", "ive": "i have", "n": "and", "nd": "and", "da": "the", "dis": "this", "dat": "that",
    "wot": "what", "wat": "what", "wut": "what", "wen": "when", "hw": "how", "wer": "where", "wher": "where",
    "bc": "because", "cuz": "because", "coz": "because", "cos": "because", "becos": "because", "cus": "because",
    "b4": "before", "l8r": "later", "l8er": "later", "ltr": "later", "gr8": "great", "grt": "great", "w8": "wait",
    "2nite": "tonight", "tonite": "tonight", "2night": "tonight", "2day": "today", "todays": "today", "nt": "not",
    "knot": "not", "neva": "never", "nvr": "never", "jus": "just", "jst": "just", "wiv": "with", "hv": "have",
    "hav": "have", "av": "have", "gd": "good", "goood": "good", "v": "very", "w": "with", "bk": "back",
    "abt": "about", "frm": "from", "fr": "for", "4get": "forget", "sum": "some", "no1": "no one", "any1": "anyone",
    "noone": "no one", "sum1": "someone", "some1": "someone", "sumone": "someone", "somone": "someone",
    "sombody": "somebody", "ppl": "people", "hubby": "husband", "missus": "wife", "mrs": "wife", "oh": "oh",
    "tbh": "honestly", "idk": "i do not know", "idc": "i do not care", "dunno": "do not know", "nvm": "never mind",
    "np": "no problem", "wanna": "want to", "gonna": "going to", "gotta": "have to", "lemme": "let me",
    "gimme": "give me", "whens": "when is", "gimmie": "give me", "kinda": "kind of", "innit": "right",
    "gis": "give us", "giz": "give us", "gizza": "give us a", "lads": "team", "luvvie": "mate", "outta": "out of",
    "gotcha": "got you", "wknd": "weekend", "rlly": "really", "realy": "really", "rly": "really", "reli": "really",
    "rite": "right", "fone": "phone", "fones": "phone", "txt": "text", "txts": "texts", "txting": "texting",
    "txtin": "texting", "textin": "texting", "callin": "calling", "ringin": "ringing", "messagin": "messaging",
    "botherin": "bothering", "lookin": "looking", "msg": "message", "msgs": "messages", "mssg": "message",
    "mesage": "message", "mesages": "messages", "num": "number", "nmbr": "number", "nbr": "number", "numba": "number",
    "nummber": "number", "numbr": "number", "appt": "appointment", "appts": "appointments", "apt": "appointment",
    "appoitment": "appointment", "deets": "details", "deats": "details", "dets": "details", "inf": "info",
    "avail": "available", "bizniss": "business", "biz": "business", "quot": "quote", "price's": "prices",
    "thru": "through", "tho": "though", "wether": "whether", "lol": "lol", "lmao": "lol", "rofl": "lol",
    "haha": "lol", "hahaha": "lol", "hehe": "lol", "lolol": "lol", "ha": "lol", "lmfao": "lol", "lols": "lol",
    "xmas": "christmas", "crimbo": "christmas", "chrimbo": "christmas", "hols": "holidays", "hol": "holiday",
    "vacay": "holiday", "vacation": "holiday", "ansa": "answer", "wrk": "work", "wrks": "works", "wk": "week",
    "wks": "weeks", "nxt": "next", "wkend": "weekend",
    # wanted and not wanted
    "intrested": "interested", "interseted": "interested", "intersted": "interested", "intrestd": "interested",
    "intereted": "interested", "intersed": "interested", "intrest": "interest", "intresting": "interesting",
    "inerested": "interested", "intreseted": "interested", "interesed": "interested", "intrsted": "interested",
    "worng": "wrong", "rong": "wrong", "wrng": "wrong", "wrog": "wrong", "wong": "wrong",
    "wrongnumber": "wrong number", "unsub": "unsubscribe", "optout": "opt out", "stopp": "stop", "stp": "stop",
    "stahp": "stop", "sotp": "stop", "remve": "remove", "rmove": "remove", "remov": "remove", "del": "delete",
    "fk": "fuck", "fck": "fuck", "fuk": "fuck", "fuckoff": "fuck off", "eff": "fuck", "feck": "fuck",
    "fkn": "fucking", "fkin": "fucking", "fuckin": "fucking", "fking": "fucking", "effing": "fucking",
    "fu": "fuck you", "foff": "fuck off", "stfu": "shut up", "gtfo": "fuck off",
    # time
    "tmrw": "tomorrow", "tmr": "tomorrow", "tmrrw": "tomorrow", "tmw": "tomorrow", "tmoro": "tomorrow",
    "tmoz": "tomorrow", "tomoz": "tomorrow", "tomos": "tomorrow", "2mrw": "tomorrow", "2morrow": "tomorrow",
    "2moro": "tomorrow", "2mro": "tomorrow", "tomo": "tomorrow", "tomz": "tomorrow", "2moz": "tomorrow",
    "tommorow": "tomorrow", "tomorow": "tomorrow", "tommorrow": "tomorrow", "tomorro": "tomorrow",
    "tomorra": "tomorrow", "tommorrows": "tomorrow", "tommorro": "tomorrow", "tomarrow": "tomorrow",
    "morrow": "tomorrow", "arvo": "afternoon", "aft": "afternoon", "afternon": "afternoon", "aftrnoon": "afternoon",
    "afternoons": "afternoon", "pm's": "afternoon", "mornin": "morning", "morn": "morning", "mornings": "morning",
    "eve": "evening", "evening's": "evening", "evenings": "evening", "evng": "evening", "evnin": "evening",
    "nite": "night", "lunch": "lunchtime", "noonish": "noon", "mon": "monday", "tue": "tuesday", "tues": "tuesday",
    "teusday": "tuesday", "tuseday": "tuesday", "tuesdy": "tuesday", "weds": "wednesday", "wed": "wednesday",
    "wednsday": "wednesday", "wensday": "wednesday", "wendsday": "wednesday", "wednes": "wednesday",
    "thu": "thursday", "thur": "thursday", "thurs": "thursday", "thrusday": "thursday", "thurday": "thursday",
    "thirsday": "thursday", "fri": "friday", "frid": "friday", "firday": "friday", "sat": "saturday",
    "satday": "saturday", "sun": "sunday", "mondays": "monday", "tuesdays": "tuesday", "wednesdays": "wednesday",
    "thursdays": "thursday", "fridays": "friday", "saturdays": "saturday", "sundays": "sunday", "monday's": "monday",
    "tuesday's": "tuesday", "wednesday's": "wednesday", "thursday's": "thursday", "friday's": "friday",
    "munday": "monday", "jan": "january", "feb": "february", "febuary": "february", "apr": "april", "aug": "august",
    "sept": "september", "sep": "september", "oct": "october", "nov": "november", "dec": "december",
    "mins": "minutes", "min": "minute", "hr": "hour", "hrs": "hours", "til": "until", "till": "until",
    "untill": "until", "asap": "asap", "midday": "noon", "b'fore": "before", "arnd": "around", "aroud": "around",
    "o'clock": "oclock", "clock": "oclock", "fornight": "fortnight", "convinient": "convenient",
    "avaliable": "available", "availble": "available", "availabe": "available",
}  # fmt: skip

# Contractions that mean the same with and without their apostrophe.
CONTRACTIONS: dict[str, str] = {
    "don't": "do not", "doesn't": "does not", "didn't": "did not", "isn't": "is not", "wasn't": "was not",
    "aren't": "are not", "weren't": "were not", "haven't": "have not", "hasn't": "has not", "hadn't": "had not",
    "can't": "can not", "couldn't": "could not", "won't": "will not", "wouldn't": "would not",
    "shouldn't": "should not", "ain't": "is not", "mustn't": "must not", "needn't": "need not", "i've": "i have",
    "you've": "you have", "we've": "we have", "they've": "they have", "i'm": "i am", "you're": "you are",
    "they're": "they are", "i'll": "i will", "you'll": "you will", "they'll": "they will", "he's": "he is",
    "that's": "that is", "what's": "what is", "who's": "who is", "how's": "how is", "where's": "where is",
    "when's": "when is", "there's": "there is", "here's": "here is", "it's": "it is", "let's": "let us",
    "there'll": "there will", "it'll": "it will", "that'll": "that will", "would've": "would have",
    "should've": "should have", "could've": "could have", "name's": "name is", "what're": "what are",
    "y'all": "you all", "how'd": "how did", "where'd": "where did", "why'd": "why did", "d'you": "do you",
    "she's": "she is",
}  # fmt: skip

# Contractions that are another word without their apostrophe.
APOSTROPHE_ONLY: dict[str, str] = {
    "we're": "we are", "we'll": "we will", "i'd": "i would", "we'd": "we would", "he'd": "he would",
    "she'd": "she would", "you'd": "you would", "they'd": "they would", "he'll": "he will", "she'll": "she will",
}  # fmt: skip

# A whole message that means more than its letters do inside a sentence.
WHOLE: dict[str, str] = {
    "y": "yes",
    "n": "no",
    "k": "ok",
    "nty": "no thanks",
    "no ty": "no thanks",
    "s t o p": "stop",
    "s.t.o.p": "stop",
}

# Letters trebled for feeling are cut to one, except where the word has two.
DOUBLED = words("free see soon good need week too off been call all still tell")

EMOJI: dict[str, str] = {
    "👍": "emojiyes", "👌": "emojiyes", "🙌": "emojiyes", "✅": "emojiyes", "🆗": "emojiyes", "💯": "emojiyes",
    "🤝": "emojiyes", "✔": "emojiyes", "☑": "emojiyes", "🙋": "emojiyes", "🫡": "emojiyes", "👎": "emojino",
    "❌": "emojino", "🚫": "emojino", "⛔": "emojino", "🙅": "emojino", "✋": "emojino", "🛑": "stop", "🖕": "fuck off",
    "🙄": "emojimeh", "😒": "emojimeh", "😑": "emojimeh", "🥱": "emojimeh", "😡": "emojiangry", "🤬": "emojiangry",
    "😠": "emojiangry", "💩": "emojiangry", "😂": "lol", "🤣": "lol", "😆": "lol", "😅": "lol", "😀": "emojihappy",
    "😃": "emojihappy", "😄": "emojihappy", "😁": "emojihappy", "😊": "emojihappy", "🙂": "emojihappy",
    "😍": "emojihappy",
    "❤": "emojihappy", "🔥": "emojihappy", "🙏": "please", "📞": "call me", "☎": "call me", "📱": "call me",
    "🤙": "call me", "❓": "?", "❔": "?",
}  # fmt: skip

# Words worth mending when one letter is off. Short words are left alone: their neighbours are words too.
MENDED: tuple[str, ...] = (
    "interested", "tomorrow", "afternoon", "morning", "evening", "monday", "tuesday", "wednesday", "thursday",
    "friday", "saturday", "weekend", "remove", "messages", "message", "messaging", "texting", "contact", "contacting",
    "number", "person", "someone", "somebody", "please", "thanks", "unsubscribe", "appointment", "available",
    "question", "january", "february", "september", "october", "november", "december", "christmas", "already",
    "sorted", "second", "either", "definitely", "absolutely", "expensive", "afford", "speak", "callback", "another",
    "calling", "bothering", "harassing", "details", "manager", "whenever", "anytime", "looking", "perfect", "minutes",
    "lunchtime", "tonight", "finance", "guarantee", "warranty", "discount", "installation", "enquired", "company",
)  # fmt: skip

# Real words one letter from a word above.
NOT_MENDED = words(
    "contract contacted contacts numbers persons message massage moaning mourning remover looking cooking booking",
    "hooking testing warning evenings sorter porter filling falling either neither speaks sneak details retails",
    "managed managers managing perfects anytime removed removes reasons season parson questions halls seconds",
    "snorted sported thinks thanked pleased pleases plead spark finances financed discounts afforded affords",
    "minute calming failing hailing sailing company comply texting enquire required caller",
)

# Set phrases whose words would mislead one by one; applied in this order to the spelled-out text.
IDIOMS: tuple[tuple[str, str], ...] = (
    (r"\bgood (?:morning|afternoon|evening|day)\b|^(?:morning|afternoon|evening)(?= *[!,.]+ *\w| (?:all|agentname|"
     r"mate|there)\b)", "hi"),
    (r"\bno (?:problem|problems|probs|prob|worries|bother|biggie|drama|bovver)\b", "ok"),
    (r"\bnot (?:a|any) (?:problem|bother)\b|\bnot to worry\b|\bno objections?\b", "ok"),
    (r"\bno (?:rush|hurry|pressure)\b", " "),
    (r"\bwhy (?:the hell |the heck )?not\b", "yes go on"),
    (r"\b(?:can|could) not wait\b", "yes keen"),
    (r"\b(?:would|will|can) not say no\b", "yes keen"),
    (r"\bnot going to say no\b", "yes keen"),
    (r"\b(?:not (?:a )?bad idea|not (?:too |so )?bad)\b", "good"),
    (r"\b(?:no|without(?: a)?) doubt\b|\bno question about it\b", "yes definitely"),
    (r"\bno brainer\b", "yes definitely"),
    (r"\byes no\b", "no"),
    (r"\bnot not\b", " "),
    (r"\bno (?:you are|your|you is) (?:ok|alright|good|fine|grand)\b", "no thanks"),
    (r"\bleadname's (?=not|changed|left|moved|got|gone|no\b|dead|passed|in\b|at\b|away|busy|my\b)", "leadname has "),
    (r"\byes (?:right|whatever|sure)\b(?= *(?:[.!\n]|$|mate\b|lol\b|emojimeh))", "no"),
    (r"\bno yes\b", "yes"),
    (r"\bhow about no\b|\bhmm? no\b|\berm? no\b|\bhell no\b|\bfuck(?:ing)? no\b", "no thanks"),
    (r"\bfuck(?:ing)? (?:yes|hell yes)\b|\bhell yes\b|\btoo right\b|\bnot half\b", "yes definitely"),
    (r"\bby all means\b|\bbe my guest\b|\bdo not hesitate\b|\bbob is your uncle\b", "yes please"),
    (r"\bno time like the present\b", "yes now is good"),
    (r"\b(?:please )?do not (?:forget|be afraid) to\b|\bmake sure (?:to|you)\b", "please"),
    (r"(?<!you )\bdo not (?:be a stranger|stop|give up(?: on me)?|forget (?:about )?me)\b"
     r"(?: (?:texting|messaging|trying|now))?",
     "keep going"),
    (r"\bnon stop\b|\bnonstop\b|\bbus stop\b|\bstop ?watch\b|\bwhistle stop\b|\bone stop\b|\bstop (?:gap|over|"
     r"cock)\b", " "),
    (r"\b(?:can|could|did|do|will) not stop (?!call|text|messag|contact|spam|harass|bother)", "keep "),
    (r"\bas if\b(?= *[.!?\n]|$)|\bin your dreams\b|\bwhen (?:hell freezes|pigs (?:can )?fly)\b|"
     r"\blike i would\b", "no thanks"),
    (r"\bthanks but no(?: thanks)?\b", "no thanks"),
    (r"\bif you do not mind\b|\bwhen you (?:can|could|get (?:a chance|a minute|a sec|a mo))\b", "please"),
    (r"\bi would not mind\b|\bdo not mind if i do\b|\bwould not hurt\b|\bwould not mind\b", "yes i would like"),
    (r"\bdo not mind (?:a|having a|you|if you)\b", "yes a"),
    (r"\b(are|is|am|been|feeling|was|were|very|really|quite|so|not|seriously|being) i will\b", r"\1 ill"),
    (r"\bo oclock\b|\bo clock\b", "oclock"),
    (r"\b24 ?/ ?7\b|\b7 days a week\b", " "),
    (r"\bgive (?:me|us|it|her|him) a (?:bell|ring|call|shout|buzz|tinkle|bell back|callback|holler|phone|wee call|"
     r"quick call)",
     "call me"),
    (r"\b(?:bell|buzz|tinkle) (?:me|us)\b|\bget me on the (?:phone|blower)\b|\bcall back\b(?= (?:me|us)\b)", "call me"),
    (r"\bwrong (?:no|num|nr|#)(?= *(?:[.!,\n]|$|mate|sorry))", "wrong number"),
    (r"\bid (?=like|love|be\b|rather|prefer|say|need|want|still|have|appreciate)", "i would "),
    (r"\bhead ?s? up\b", " "),
    (r"\bcould not care less\b|\b(?:do|could) not give a (?:shit|fuck|damn|toss|monkeys)\b", "not interested"),
    (r"\bthumbs up\b", "emojiyes"),
    (r"\bthumbs down\b", "emojino"),
    (r"\bout of interest\b|\bin the interest of\b|\b0 ?% interest\b|\binterest (?:free|rates?)\b", "finance"),
)  # fmt: skip

# First names that are words or months first.
WORDY_NAMES = words(
    "will mark may june april august grace hope bill sue pat art rob jack frank chase joy faith dawn rose drew",
    "jan mon sun bob guy chuck rich max miles grant dean earl ray robin violet ivy iris daisy ruby penny summer",
    "autumn eve carol christmas sonny sunny wade reed lance victor ernest gene norm skip cash chance hunter mason",
    "cooper jay lee dale glen cliff heath heather holly olive amber crystal ok yes no stop call ring text me you",
    "i am the a friend customer sir madam there mate home owner homeowner",
)

STRONG_YES = words("yes definitely absolutely certainly sure emojiyes deal indeed course")
SOFT_YES = words(
    "ok alright fine cool great perfect lovely brilliant good nice super fab excellent ideal sweet sound grand",
    "awesome works work suits suit go ahead do amazing fantastic wonderful happy right correct",
)
# Says that it was heard, more than that it is wanted.
COOL_YES = words("ok alright fine cool right do go sound")
NOES = words("no emojino")
# Words that change nothing about a bare yes or no.
FILLERS = words(
    "thanks thank you mate lol hi hello hey oh ah well um erm just then leadname agentname emoji emojihappy and",
    "so very much sir the it is i am that would be for me us we are will of please on can yourself too as a to",
    "this by all morning afternoon evening hiya keen there love dear x xx xxx again though still",
)
# Words that say nothing by themselves, and those of time, which are read elsewhere.
LIGHT = STRONG_YES | SOFT_YES | FILLERS | words(
    "monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight am pm noon oclock half quarter",
    "past week weekend next lunchtime around about after before between later earlier",
    "not first second third last option one ones time times slot book take prefer number yet until what how why",
    "when where which who are do does did can could would have has was were should your that a but also yes no",
    "sorry my we our really huh eh pardon of for in at right emojimeh hmm chance poss possible any",
)  # fmt: skip
