"""Phrases of leads who want nothing: never again, no, already sorted, too dear.

The form of the tables is told in `cues`.
"""

from frontdesk.adapters.offline.cues import Cue, Row

ROWS: tuple[Row, ...] = (
    (Cue.STOP, 10, r"""
        stop(?! (by|in|over|off|at|for|it being)\b) ~3 ({sending}|messages?|texts|contact|spam|communicat\w*)
        stop (text|message|call|send|ring|phone|contact|bother|email|harass|spam)
        (quit|cease|enough) [with] ~2 ({sending}|messages?|texts|contact|spam)
        end (this|these|the|your|all) (messages?|texts?|conversation|contact)
        ^({polite}[ ,]*)*(stop|stop all|stopall|quit|unsubscribe|revoke)([ ,]*{polite}|[ ,]*stop|[ ,]*thanks)*$
        (just|please|i said) stop\b(?! by| in\b| over)
        stop (it|this|that|please|now|pestering|all of)
        unsubscribe
        opt(ing|ed)? [me] out
        text stop
        stop means stop
        ^\W*stop,
        refrain from
        ^\W*[please] do not disturb
    """),
    (Cue.STOP, 10, r"""
        (remove|delete|erase|scrub|wipe|strike|scratch|cross|get rid of|clear) [all] [of] (me|
          + us)\b(?! \w+ \w+ (roof|panels|old))
        (remove|delete|erase|scrub|wipe|clear|destroy) [all] [of] (my|our|this|the|any) ~1 (number|details|data|
          + info\w*|name|contact|records?|email|mobile|phone number|account|profile)
        (remove|delete|erase) (number|details|everything|all)
        (take|get|keep) (me|us|my ~1 (number|name|details)|this number|number) ~2 (off|out of)\b(?! ~1 (grid|gas|
          + oil|mains))
        take (me|us|my ~1 (number|name|details)|this number) ~1 from
        ^\W*[please|just|and] (remove|delete|erase) (it|this|that)
        ^({polite}[ ,]*)*(remove|delete|removed)([ ,]*{polite})*$
        (remove|take|delete) (from|off) (your|the|this|all) ~1 (list|database|system|records|mailing)
        not ~4 (on|in) (your|the|any|a) ~1 (list|database|system|records)
        off (your|the|this|all|any) ~2 (list|lists|database|system|records|books)
    """),
    (Cue.STOP, 10, r"""
        {do_not} ~2 (contact|text|message|bother|harass|spam|pester|hassle|disturb|email|
          + write to) {me_again}(?! [back] {soon}\b)
        {do_not} ~2 (call|phone|ring) {me_again}(?! [back] ({soon}|back)\b)
        {do_not} [ever] (contact|text|message|messages|texts)( again| ever again| anymore| any more| please)?$
        (do not|not|no longer) (want|wish|like|need|agree|consent)(ed|ing)? ~2 to (be (contacted|texted|called|
          + messaged)|hear from|(receive|get|keep getting|be getting) (any|more|your|these|further|texts|messages|
          + calls|marketing))
        (do not|not|no longer) (want|wish|need|consent to|agree to|agreed to) ~1 (any ?more|anymore|your|these|more|
          + further|any) ~2({sending}|messages?|texts?|calls|contact|spam)
        (do not|not|no longer) (want|need|like) (you ({sending}|to (text|message|contact|call))|(texts?|messages?|
          + texting)( from you)?$)
        (do|did|does) not (consent|agree) to
        {do_not} ~2 (or|and|nor) (text|call|message|contact|ring|phone)( me)?( again| anymore| any more| please)*$
        (could|can|would|will) you ~1 not ~1 (text|message|contact|call|ring) (me|us|this)\b(?! [back] ({soon}|
          + later)\b)
        no (more|further) ~1 (texts?|texting|messages?|messaging|calls?|calling|contact|spam|sms|communicat\w*|
          + marketing)
        ^\W*no more( please| thanks| now)*\W*$
        (?<!you )(?<!they )(?<!have )(?<!we )(?<!i )never (contact|text|message|call|ring|phone|bother|email)\b
        (mind|appreciate|prefer|kindly|rather|please|grateful|could you|can you|would you) ~4 not ~1 {sending} (me|
          + us|this)
    """),
    (Cue.STOP, 10, r"""
        leave (me|us) [the] [hell|fuck] (alone|be|in peace)
        (lose|forget|ditch|bin) (my|this) (number|details)
        (naff|sod|piss|bugger|fuck|bog) off
        (fuck|f|screw) you
        (go )?fuck yourself
        (shut up|eat shit|drop dead|go to hell|up yours|kiss my ass|sling your hook|on your bike)
        ^\W*[just|please|oh|now|you can] (get lost|go away|jog on|do one|buzz off|bore off|back off|clear off|
          + hop it|take a hike|beat it)( {polite}| will you| mate| then)*\W*$
        (block|report)(ing|ed)? (you|this|it|your|u)\b
        (will|going to|am) ~1 (be )?(blocking|reporting)
        ^\W*(reported|blocked|blocking|reporting)( (and|&) \w+)?\W*$
        harass(ment|ing)
        (gdpr|[the] ico|tps|tcpa)\b(?!.*\?)
        do not call (list|registry)
        withdraw [my] consent
        right to be forgotten
        (police|solicitors?) ~5 (texts?|texting|messages?|messaging|harass\w*|you)
    """),
    (Cue.STOP, 10, r"""
        what part of\b.{0,15}\bno
        how many (more )?times\b.{0,40}\b(no|tell|say|stop|told|said|interested)
        (sick|tired|fed up) (of|with) ~2 ({sending}|messages?|texts?|calls|spam)
        had enough of (you|your|this|these|it)\b
        (enough already|give it a rest|give it up)
    """),
    (Cue.STOP, 9, r"""
        (this is|just|more|bloody|fucking|stupid) spam\b(?!.*\?)
        ^spam\W*$
        spammers?\b(?!.*\?)
        (?<!the )(?<!a )(?<!never said )stop( {polite})*$
    """),
    (Cue.NO, 8, r"""
        (not|never) ~1 {adv}(interested|intrested|keen|bothered|fussed|convinced|sold on|tempted)\b(?! yet)
        uninterested
        disinterested
        (no|zero|little|lost|nil) ~1 interest
        no longer ~1 (interested|looking|need|needed|require|required|want|wanted|after|in the market|relevant|
          + applicable|keen)
        no (thanks|thank|thx|cheers|need|chance|way|ta|good to me|use to me|go|deal)\b(?! yet)
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
        ^\W*[no|oh|hi|hey|hello|sorry|erm|thanks] (i am|we are|am|all|still) [all] (ok|good|fine|alright|all right|
          + great|set|covered|happy)( as we are| as i am| with what i have)?( now| here| for now)?[ ,]+(thanks|
          + for now|cheers|mate)
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
        already\b(?! ~2 (know|knew|told|interested|asked|said|texted|spoke|spoken|keen|looking|emailed|called|
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
        already(?! ~3 (quote|quotation|price|estimate|survey|appointment|letter|brochure|email)\b) ~1 (done|have|
          + had|got|bought|purchased|booked|signed|gone|installed|found|ordered|using|with|fitted|hired|replaced|
          + chosen|moved|paid|own)
        (done|bought|installed|have (one|it|them)|got (one|it|them|mine)|had (one|it|them)( done|
          +  fitted)?) ~1 (already|now|thanks|elsewhere|last (week|month|year|summer|spring|winter|autumn)|ages ago|
          + a while)
        (went|gone|going|go|signed|signing|booked|sticking|already) (with|for) (someone|somebody|another|
          + a different|a local|a mate|other|others|your|an other|one of your|a competitor|(?!you\b|the (first|
          + second|last|\d)|that\b|it\b|option|what\b|my\b|\d)\w+)
        (using|found|got|hired|picked|chose|chosen|used|paid|choosing) ~2 (someone|somebody|another (company|firm|
          + supplier|provider|guy|place|installer|one)|a different (company|firm|supplier|provider)|
          + somewhere)( else)?\b(?! (to|real|call|ring|phone|text|message|from|in|on|at|there|who can))
        (with|have) (someone|somebody) (else|already|now|doing|sorted|in mind)
    """),
    (Cue.SORTED, 7.5, r"""
        (someone|somebody) else (did|has|is|already|does)
        elsewhere
        (bought|purchased|ordered|hired|installed) (it|one|them|a|an|the|mine|ours|another)
        got (it|one|them|mine|ours|that|a new one|the job) (done|fitted|installed|fixed|in|replaced)
        {not_theirs}had (it|one|them|mine|ours|that) (done|fitted|installed|fixed)
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
        (used|got|had|using|getting) (a|my|our) (mate|friend|relative|family|local|brother|dad|neighbour|guy|bloke|
          + cousin)
        {not_theirs}had (it|one|them|mine|ours|that|those|solar|the \w+) ~2 (done|fitted|installed|fixed|put in|
          + replaced)
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
