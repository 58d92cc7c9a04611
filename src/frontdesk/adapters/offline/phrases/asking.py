"""Phrases that ask who we are and where we have the number from.

The form of the tables is told in `cues`.
"""

from frontdesk.adapters.offline.cues import Cue, Row

ROWS: tuple[Row, ...] = (
    (Cue.WHO, 6.2, r"""
        who( the (hell|heck|fuck))? (is|are|was)( \w+)? (this|it|that|you|texting|messaging|there|calling|these)
        who (am i|are we) (speaking|talking|texting|chatting)
        who (you|this|dis|that)
        ^\W*(sorry |hi |hello |erm |um )*who\W*(sorry)?\W*$
        whom am i
        do i know you
        have we (met|spoken)
        new (phone|fone) who
        who is [leadname] (from|agentname)
        who (do|did) you (work|represent)
        what is (this|it|that)( all| even)?( about| for| regarding| re| to do with)?\W*$
        what (company|business|firm)
        which (company|business|firm)
        where are you (calling|texting|messaging) from
        (remind me|remind) (who|what|of|again|please)
        remind me\W*$
        do not ~1 (remember|recall|recognise|recognize)(?! your name)
        can not ~1 (remember|recall|place)
        (refresh|jog) my memory
        (regarding|about|to do with|re) what
        what (did|was) i ~1 (ask|enquire|inquire|interested|looking|request|sign|after)
        what (was|is) it ~4 (asked|ask|enquired|inquired|wanted|about)
        what enquiry
        what inquiry
        why (are|have|did|do) you (text|texting|texted|contact|contacting|contacted|messag\w+|keep|getting)
        what (do|did) you want
        what are you (on about|selling|talking about|after|offering)
        what is your name
        name of (your|the) (company|business|firm)
        what( i)?s this regarding
        not sure (who|what) (this|you|that)
        no idea (who|what) (this|you|that)
        (what|who) is ourname
    """),
    (Cue.SOURCE, 6.4, r"""
        (how|where)( the \w+)?( did| do| have| had)? (you|your|u) ~2 (get|got|gotten|find|found|have|obtain|come by|
          + come across|getting)( hold of| ahold of)? (my|this|our|mine) (number|details|info|information|name|
          + contact|data|mobile|phone)
        (how|where|why|who|what) ~6 (have|has|got|get|getting|find|found|obtained) ~3 my (number|details|name|info|
          + information|data)
        who gave you (my|this)
        where [did] (my|this) (number|details|data) (come|came) from
        why (do|have) you (have|got) my (number|details)
    """),
    (Cue.SCAM, 6, r"""
        (is|sounds like|smells like|seems like|feels like|looks like|bet) (this|that|it|you|a|another|
          + some)? ~2 (scam|scammer|legit|legitimate|genuine|spam|fraud|fake|con|phishing|for real|a wind up)
        (are|r) you ~1 (legit|genuine|scammers?|for real)
        scam\W*\?
        how do i know (this|you|it)
        ^\W*(scam|legit)\W*\??$
    """),
)  # fmt: skip
