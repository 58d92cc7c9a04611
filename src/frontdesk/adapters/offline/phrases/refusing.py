"""Phrases of leads who want nothing: never again, no, already sorted, too dear.

The form of the tables is told in `cues`.
"""

from frontdesk.adapters.offline.cues import Cue, Row

ROWS: tuple[Row, ...] = (
    (Cue.STOP, 10, r"""
        stop(?! (by|in|over|off|at|for|it being)\b) ~3 {reaching}
        (quit|cease|end|halt|enough) [with] ~2 {reaching}
        ^({polite}[ ,]*)*(stop|stop all|stopall|quit|unsubscribe|revoke)([ ,]*{polite}|[ ,]*stop|[ ,]*thanks)*$
        just stop
        please stop\b(?! by| in\b| over)
        stop (it|this|that|please|now|pestering|all of)
        i said stop
        unsubscribe
        opt(ing|ed)? [me] out
        text stop
        stop means stop
        (remove|delete|erase|scrub|wipe|strike|scratch|cross|get rid of|clear) [all] [of] (me|us|my|our|
          + this (number|phone|contact)|the number|number)
        (take|get|keep) (me|us|my ~1 (number|name|details)|this number|number) ~2 (off|out of)
        take (me|us|my ~1 (number|name|details)|this number) ~1 from
        ^\W*[please|just|and] (remove|delete|erase) (it|this|that)
        ^({polite}[ ,]*)*(remove|delete|removed)([ ,]*{polite})*$
        (not|off|never) ~5 (your|the|any|a) (list|database|mailing list|system|records)
        (remove|take|delete) (from|off) (your|the|this|all) ~1 (list|database|system|records|mailing)
        (do not|never|must not|should not|not to|no need to|do not you) ~2 (contact|text|message|bother|harass|spam|
          + pester|hassle|disturb|email|write to) (me|us|this number|my number|here|again|anymore|
          + any more)(?! [back] {soon}\b)
        (do not|never|not to) ~2 (call|phone|ring) (me|us|this number|my number|here|again|anymore|
          + any more)\b(?! [back] ({soon}|back)\b)
        (do not|never) [ever] (contact|text|message|messages|texts)( again| ever again| anymore| any more| please)?$
        (do not|not|no longer) (want|wish|like|need|agree|consent)(ed|ing)? ~2 (to (be contacted|be texted|
          + be called|hear from|receive|get|keep getting)|(any ?more|anymore|your|these|more|further|
          + any) ~2 {reaching}|
          + you {reaching}|{reaching}( from you)?$)
        no (more|further) ~1 ({reaching}|spam|sms)
        never {reach}\b( me| us)?
        ^\W*no more( please| thanks| now)*\W*$
        (mind|appreciate|prefer|kindly|rather|please|grateful|could you|can you|
          + would you) ~4 not ~1 {reaching} (me|us|this)
        leave (me|us) (the (hell|fuck) )?(alone|be|in peace)
        (lose|forget|ditch|bin) (my|this) (number|details)
        (get lost|go away|jog on|do one|naff off|sod off|piss off|bugger off|fuck off|bog off|buzz off|bore off|
          + back off|clear off|shut up|eat shit|drop dead|go to hell|fuck you|f you|fuck yourself|screw you|up yours|
          + on your bike|hop it|sling your hook|kiss my ass|take a hike|beat it)
        (will|going to|am|have|getting|be) ~1 (block|blocked|blocking|report|reporting|reported)\b( (you|this|it))?
        ^(reported|blocked|blocking|reporting)
        report(ing)? (you|this (number|as))
        harass(ment|ing)
        gdpr
        [the] ico
        tps
        do not call (list|registry)
        withdraw [my] consent
        right to be forgotten
        tcpa
        what part of\b.{0,15}\bno
        how many times\b.{0,40}\b(no|tell|say|stop|told|said|text|interested)
        sick of ~1 {reaching}
        (police|solicitors?) ~5 (texts?|texting|messages?|messaging|harass\w*|you)
        (enough already|give it a rest|give it up|had enough of)
    """),
    (Cue.STOP, 9, r"""
        (this is|just|more|bloody|fucking|stupid) spam
        ^spam\W*$
        spammers?\b(?!.*\?)
        stop {polite}*$
    """),
    (Cue.NO, 8, r"""
        (not|never) ~1 {adv}(interested|intrested|keen|bothered|fussed|convinced|sold on|tempted)\b(?! yet)
        uninterested
        disinterested
        (no|zero|little|lost|nil) ~1 interest
        no longer ~1 (interested|looking|need|needed|require|required|want|wanted|after|in the market|relevant|
          + applicable|keen)
        no (thanks|thank|thx|cheers|need|chance|way|ta|not|good to me|use to me|go|deal)\b(?! yet)
    """),
    (Cue.NO, 7.5, r"""
        not {adv}(for me|for us|my (thing|cup of tea)|looking|after (one|it|that|any)|in the market|needed|required|
          + necessary|wanted|any ?more|anymore|going ahead|going to (bother|go ahead|happen|be|do)|happening|a fan|
          + relevant)
    """),
    (Cue.NO, 7, r"""
        not (thanks|today|for now thanks|a chance|on your (life|nelly)|likely|this time|ever)\b(?! \?)
        (do|does|did) not ~2 (need|want|require|fancy|think so)\b(?! (to (wait|miss|lose|stop|leave it|talk to a)|
          + a (bot|robot|machine)|a call|calls|it to|this to))
        (would|will|i) rather (not|leave it|pass)
        [i will|going to|have to|a|hard|big|gonna] pass\b(?= *(on|thanks|$|this time|for now))
        i am out
        count me out
        (changed|changing) (my|our) minds?
        decided (against|not to|to leave|to stick|to stay)
        gone off (the|it|that)
        stick(ing)? with (what|my|our|the)
        leave it\b(?! with)
        call it off
        cancel (it|that|this|everything|my (enquiry|inquiry|request))
        (says|said|told you|saying|say|answer is|still) no
        it is a no
        a no from
        no from me
        no (means|is) no
    """),
    (Cue.NO, 6.5, r"""
        ^\W*[no|oh|hi|hey|hello|sorry|erm|thanks] (i am|we are|am|all|still) [all] (ok|good|fine|alright|
          + all right|great|set|
          + covered|happy)( as we are| as i am| with what i have)?( now| here| for now)?[ ,]+(thanks|for now|
          + cheers|mate)
        (waste|wasting) [of] [my|your|everyone is] time
        forget (it|about it)
        never ?mind
        do not ~1 (care|bother)
        not bothering
        no dice
        not happening
    """),
    (Cue.NO, 6, r"""
        (do|did) not ~1 (enquire|inquire|ask for|request|apply|sign up|contact)
        never ~1 (enquired|inquired|asked for|asked|requested|applied|signed up|contacted)
        emojino
        ^\W*no( no| mate| sorry| never)*\W*$
        do not think (so|it is|i (will|need)|we (will|need))
        probably not
        (?<!can )(?<!could )not really
        i doubt it
        (does|do) (i|it) look (like|bothered)
        (why would|as though) i
        not a (hope|prayer)
        over my dead body
        fuck (this|that|it)
        bollocks
        crap\b(?! (at|with|weather))
    """),
    (Cue.NO, 6.8, r"""
        nothing doing
        no (deal|dice|can do|siree|chance|use|good|plans|desire|intention|requirement|appetite)
        (given|giving) up (on|with)
        (off|not on) the (cards|table|agenda|radar|list)
        (ruled|ruling) (it|that|this) out
        (scrapped|dropped|abandoned|shelved|binned|cancelled) (it|that|this|the (idea|plan|project))
        not (planning|considering|thinking|after|pursuing|eligible|suitable|an option|allowed)
        (landlord|council|wife|husband|partner|boss|bank) ~2 (not (let|allow|have|keen)|will not|says no|refused)
        (were|we are|im|i am) (fine|ok|good|happy) (as (we|i|it)|with (what|our|my))
        happy (with|as) ~2 (what|current|existing|supplier|provider|we are|i am|it is|things)
        (ship|moment|time) has (sailed|passed|gone)
        ^\W*[no] (you are|your) (alright|ok|good|fine)\b
        (we are|i am|all) (all )?(set|covered|good|fine) (here|now|already|thanks|mate|for now)
        not (something|anything|one|what) ~3 (want|need|after|looking for)
        (is|are|am|will) not (proceeding|pursuing|taking (it|this) (further|forward|any further))
        too much (hassle|faff|bother|work|trouble|effort|aggro)
        can not be (bothered|arsed|doing with)
        (no|not much|little|any) point
        not worth (it|the|my)
        (put|puts) (me|us) (right )?off
        (can|will|could) (live|do|manage) without
        had a (rethink|change of heart)
        (close|withdraw|drop|scrap) (my|the|our) (file|enquiry|inquiry|account|application|interest)
        (not|never) (again|in a million years|in a month of sundays)
        (gone|off) (cold|the table|the radar)
    """),
    (Cue.SORTED, 4.6, r"""
        already\b(?! (know|knew|told|interested|asked|said|texted|spoke|spoken|keen|looking|emailed|called|
          + enquired|waiting))
    """),
    (Cue.NO, 4.5, r"""
        ^\W*no,
        ^\W*no (we|i|my|our|it|sorry|not|never|just|too|that|this|the|he|she|they|there|nothing|leadname)
    """),
    (Cue.SORTED, 8, r"""
        (already|all|now|been|finally|got it|since|its|we are|i am|it is|is|got this|got that|got|
          + mostly) ~1 (sorted|sorted out|fixed|fixed up)
        ^\W*[no] [thanks] sorted\b(?! it out\?)
        sorted (now|thanks|already|elsewhere|it|that|one|mate|ages|last|with|by|a while|ourselves|myself)
        already ~1 (done|have|had|got|bought|purchased|booked|signed|gone|installed|found|ordered|using|with|fitted|
          + hired|replaced|chosen|moved|paid|own)
        (done|bought|installed|have (one|it|them)|got (one|it|them|mine)|had (one|it|them)( done|
          +  fitted)?) ~1 (already|now|thanks|elsewhere|last (week|month|year|summer|spring|winter|autumn)|ages ago|
          + a while)
        (went|gone|going|go|signed|signing|booked|sticking|already) (with|for) (someone|somebody|another|a different|
          + a local|a mate|other|others|your|an other|one of your|a competitor|(?!you\b|the (first|second|last|\d)|
          + that\b|it\b|option|what\b|my\b|\d)\w+)
        (using|found|got|hired|picked|chose|chosen|used|paid|choosing) ~2 (someone|somebody|another (company|
          + firm|supplier|
          + provider|guy|place|installer|one)|a different (company|firm|supplier|provider)|
          + somewhere)( else)?\b(?! (to|real|call|ring|
          + phone|text|message|from|in|on|at|there|who can))
        (with|have) (someone|somebody) (else|already|now|doing|sorted|in mind)
    """),
    (Cue.SORTED, 7.5, r"""
        (someone|somebody) else (did|has|is|already|does)
        elsewhere
        (bought|purchased|ordered|hired|installed) (it|one|them|a|an|the|mine|ours|another)
        got (it|one|them|mine|ours|that|a new one|the job) (done|fitted|installed|fixed|in|replaced)
        had (it|one|them|mine|ours|that) (done|fitted|installed|fixed)
        (sold|selling) (the|my|our|it|up)
        (we|i|have) ~1 moved (house|home|away|abroad|out|on)
        moved on
        no longer (own|live|have (the|that|a))
        beat you to it
        (you are|bit|way|far|left it) too late
        ^too late(?!\?)
        missed the boat
        (brother|dad|mate|son|husband|friend|cousin|uncle|nephew|neighbour)( in law)? (did|is doing|has done|fitted|
          + sorted)
    """),
    (Cue.SORTED, 7, r"""
        done and dusted
        (is|are|been|was|were|all|now|they are|it is) (fitted|installed|completed|built|replaced|repaired|
          + up and running)
        (fitted|installed|done|replaced|ordered|booked|purchased|built|finished|fixed) (already|now|last|ages|
          + a while|in the end)
        ended up (with|using|going|doing|buying|getting|having)
        (opted|plumped|settled) for
        (got|am|are|been) sorted
        (used|got|had|using|getting) (a|my|our) (mate|friend|relative|family|local|brother|dad|neighbour|guy|
          + bloke|cousin)
        had (it|one|them|mine|ours|that|those|solar|the \w+) ~2 (done|fitted|installed|fixed|put in|replaced)
        (taken care of|dealt with)
        (we|i|are|am) ~1 (renting|rent)
        not (our|my) (house|home|car|place|property) (now|any ?more)
        downsiz(ed|ing)
        (did|done|doing|do) it (myself|ourselves)
        (have|got) (solar|one|them|mine|ours) (now|already|in|on|up)
    """),
    (Cue.DEAR, 7, r"""
        (too|so|way|bit|very|far too|really|quite|well) ~1 (expensive|dear|pricey|pricy|steep|much money|costly)
        (cheaper|better (price|deal|quote)) (elsewhere|somewhere|quote|price|one)
        (out of|over|beyond|above) (my|our|the) (price|budget|range|means)
        can not ~1 (afford|justify)
        no (money|funds|budget)
        rip ?off
    """),
)  # fmt: skip
