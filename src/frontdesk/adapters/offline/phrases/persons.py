"""Phrases about who is at either end: a wrong number, a person wanted, a complaint, "is this a bot?".

The form of the tables is told in `cues`.
"""

from frontdesk.adapters.offline.cues import Cue, Row

ROWS: tuple[Row, ...] = (
    (Cue.WRONG, 9, r"""
        wrong (number|person|num|guy|bloke|man|woman|lady|lad|one|contact|recipient|phone|people|house|chap|girl|
          + fella|mate|leadname)
        (i am|am|this is|it is|that is|is|was|nor) ~1 not ~1 {person_name}
        not {person_name}('s)?\b(?! (is|will|can|but i))
        ^not leadname
        (no|any|a) leadname (here|lives|at this|on this|with|that)
        (no|nobody|no one|not anyone|noone|no body|no person) ~2 (called|named) (leadname|that|this)
        (no|nobody|no one|not anyone|noone|no body|no person) ~2 (by|with|of|under) (that|this|the) name
        (leadname|he|she|they|him|her) (does not|do not|no longer|has not|did not|is not|has|is|had|got|
          + used to) ~3 (use|uses|have|has|own|owns|live|lives|work|works|got|at|on|here|had|contactable|moved|left|
          + changed|new number|number|phone)\b(?! (interested|busy|asleep|work\b))
        (do|does|did) not ~1 (know|recognise|recognize|have) (a|any|anyone|anybody|who|no|of a|of any|the name|
          + someone)?( (called|named|is|by the name( of)?|that|with the name))* ?(leadname|that name|name is)
        know (no|any|a) leadname
    """),
    (Cue.WRONG, 8, r"""
        who( the (hell|heck|fuck))? is leadname
        never heard of ~1 (him|her|leadname|that person|them)
        there is no( one)?( called| named)? leadname
        leadname who
        mistaken identity
        not [the] (person|one|guy|man|woman) (you|that you)
        (numero|número) equivocado
        meant for (someone|somebody|leadname)
        you (want|are after|are looking for) (someone|somebody) else
        (business|company|work|office|shop|school|office) (line|phone|number|mobile)\b.*\b(left|leadname|no longer)
        (leadname|he|she) [has] left (the|this|us|here|a|in|last|years|ages)
        (he|she|leadname) is no longer (with|at|here|working)
    """),
    (Cue.WRONG, 8.5, r"""
        (mistaken|mistake|confused|mixed|muddled)( (me|identity|us))?( up)? (for|with) (someone|somebody|another)
        (meant|trying|wanted|want|looking|intended) ~4 (someone|somebody|another person) else
        leadname ~3 (sold|gave|passed|handed) ~2 (phone|number|sim|mobile)
        not my name
        my name is not
        i am not (called|named)
        (this|it) is ~1 [a|my] new (number|sim|phone number)
        (just|only|recently|newly) (got|had|bought|been given|inherited) (this|a|my|the) [new] (number|sim|phone|
          + line)
        have ~1 (got|had) this (number|phone)
        had this (number|phone) (for|since)
        (number|phone|sim) ~2 (has ~1 changed|is no longer|no longer (belongs|his|hers|in)|belongs to|
          + used to belong|has a new owner|not his|not hers|reassigned|changed hands)
        (his|her|leadname's|leadname) (old|previous|former) (number|phone|mobile)
        not (his|her|leadname's) (number|phone|mobile)
    """),
    (Cue.BEREAVED, 9.5, r"""
        (leadname|he|she|dad|mum|mom|father|mother|husband|wife|son|daughter|brother|sister|nan|grandad|grandma|
          + my [late] (dad|mum|mom|father|mother|husband|wife|partner|son|brother|sister|nan|grandad)) (has |have |
          + had |is |sadly |recently |unfortunately |actually |just )*(passed( away| on)?|died|dead|deceased)
        (passed away|is deceased|no longer with us)
    """),
    (Cue.PERSON, 8.5, r"""
        ({talk}|deal|text|message|get|communicate|connect(ed)?|through|transfer(red)?|put)( me)?( (to|with|
          + through to|on to|onto|over to))? [a|an|some|the|your|another|any|one of your] (actual |real |live |
          + proper |human |genuine |flesh and blood ){0,2}{human}
        (real|actual|live|proper) (person|human|people|one)\b(?!\?)
        (someone|somebody|anyone) (real|human|who is real|actual|with a pulse)
        ^(\W*(a|please|get me|give me|need|want|i want|i need|just|can i (have|get)|human|find me))*\W*(human|
          + person|agent|representative|operator|advisor|adviser|manager|real person)\W*(please|now|thanks)*\W*$
    """),
    (Cue.PERSON, 8, r"""
        (do not|not|rather not|will not|refuse to|hate|no|instead of|fed up) ~4 (talk|talking|speak|speaking|chat|
          + chatting|text|texting|deal|dealing|communicate)(ing)? (to|with) [a|an|some] {bot}s?
        no [more] {bot}s
        not [to] an? {bot}
        (instead of|rather than) (this|a|the|an|your) {bot}
        (hate|fed up with|sick of) ~2 {bot}s?
    """),
    (Cue.PERSON, 7.5, r"""
        (get|put|give|find|pass|transfer|connect|want|need|hand|escalate)( me| us| this| it)? ~3 ({human}|manager|
          + supervisor|operator|agent|your boss|member of [the] (staff|team)|your manager)
        put me through
        pass me (on|over)
        transfer me
        who can i (speak|talk) to
        (rather|prefer|like) ~3 {human}
        (whoever|who|someone|somebody|person|one) is? ?in charge
        (anyone|anybody|someone|somebody|any one) ~3 (talk|speak) (to|with)
    """),
    (Cue.PERSON, 7.2, r"""
        ({talk}|deal) (to|with) [a|an|the|your|one of your] [real|actual|proper|live|human] {staff}\b(?! (else|
          + in my family))
        (speak|talk|chat) (to|with) (?!you\b|u\b|my\b|the (wife|husband|missus|other half|bank|boss at)|her\b|him\b|
          + them\b|me\b|us\b|a\b|an\b|some|any|one of|the\b|your\b|our\b|each|both|about|it\b)\w+\b(?= *($|please|
          + in|who|again|about|directly|instead|\?|from))
    """),
    (Cue.PERSON, 6.8, r"""
        (can|could|will|would|may)( i| you| we)? ~1 (have|get|ask) (a |an |one of |
          + your )*({staff}) to\b(?!.*\b(call|ring|phone)\b)
        is [there] [a|an] ({human}|{staff}) (there|available|around|i can|about|here)
        (someone|somebody|anyone|anybody|a person|a colleague|one of (the|your) ~2 (guys|team|people|staff|girls|
          + boys)) ~4 (text|message|reply to|answer|email) (me|my|us)
        anyone (real|there|human|actually there)
        anybody (real|there)
    """),
    (Cue.COMPLAINT, 8, r"""
        (complain|complaint|complaining|refund|money back|solicitor|lawyer|attorney|small claims|trading standards|
          + ombudsman|sue you|legal action|bbb)\b(?! (policy|guarantee)| if)
    """),
    (Cue.COMPLAINT, 7, r"""
        you( lot| guys| people)? (ruined|broke|damaged|ripped (me|us)|conned|never turned up|did not turn up|
          + never showed|let (me|us) down|messed)
        (no one|nobody) [ever] (turned up|showed up|called [me] back|rang [me] back|came|got back)
        (no one|nobody) ~2 (called|rang|phoned|contacted|replied|turned up|got back|came)
        you never ~1 (called|rang|phoned|contacted|replied|turned up|got back|came|showed|sent)
        still waiting (for|on) (your|you|someone|my|a (call|quote))
    """),
    (Cue.BOT, 6.5, r"""
        (are|is|am|was) (you|this|that|it|i) ~4 [an?] [real|actual|live] ({bot}|human|real|a [real] person|
          + real person)
        you [an?] ({bot}|human|real)\b(?= *($|\?|or|lol|mate))
        {bot} or [a] (human|person|real)
        (human|person) or [a] {bot}
        ^{bot}\?
        (sounds|feels|seems|looks) like [a|an] {bot}
        automated (text|message|reply|msg)
        (is|are) (this|these|you) ~1 automated
    """),
)  # fmt: skip
