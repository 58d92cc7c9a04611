"""Phrases of leads who put it off: later, busy, thinking.

The form of the tables is told in `cues`.
"""

from frontdesk.adapters.offline.cues import Cue, Row

ROWS: tuple[Row, ...] = (
    (Cue.LATER, 6.5, r"""
        not ~1 (right now|now|at the moment|at present|atm|just yet|yet|today|this (week|month|year)|currently|
          + a good time|the (best|right) time|ready|until|till|before|in a position|for (a|the) (while|moment|
          + time being|few))\b(?! [thanks?] (or ever))
        (bad|wrong|awkward|terrible|tricky|difficult|busy|mad|hectic|tough) (time|moment|week|month|period|patch)
        (maybe|perhaps|possibly|probably|speak|talk|chat|another|some other|do it|look at (it|this)|look into (it|
          + this)|come back to (it|this)|think about it|revisit|touch base|catch up|until|leave it (for now|until|
          + a (bit|while|few))|leave it) ~1 (later|in a (bit|while|few|couple)|another (time|day|month|year)|
          + some other time|down the (line|road)|in the future|next (month|year|spring|summer)|[for] now|soon|time)
        ^\W*(later|another time|some other time|soon|maybe later|rain ?check)\W*(please|maybe|thanks|mate)*\W*$
        (try|text|message|contact|ask|chase|check|ping|remind|email|come back to|get back to|touch base with|
          + follow up|come back|circle back|get in touch|drop me a (line|text|message)|check in|catch)( with)?( me|
          +  us)?( up)? (back |again |in |later|with me |on this )*(in|on|after|later|next|around|nearer|closer|
          + again|then|come|the new|when|once|maybe|at|early|mid|end|another|towards|january|february|march|april|
          + june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|a (bit|
          + few|couple)|few|couple)
        (will|shall|can|would|let me|going to|would rather|i have to|need to|ill) ~1 (get back to|let you know|
          + let u know|come back to|be in touch|get in touch|give you a|call you|ring you|text you|message you|
          + contact you|reach out|drop you|shout|reply|revert|have a think|think about it|think on it|sleep on it|
          + mull|check with|ask {kin}|speak (to|with) ({kin}|her|him)|talk (to|with|it over) ({kin}|with|her|him)|
          + discuss [it|this] with|run it (by|past)|look into it|have a look|wait|hold off)
    """),
    (Cue.LATER, 6, r"""
        (after|until|when|once|as soon as) ~1 (i|we|the|my|our|it|christmas|things|everything|work|baby) ~3 (paid|
          + move|moved|back|finished|finish|settled|settles|settle|calm|calms|quiet|quieter|quietens|over|ready|
          + done|complete|completed|sold|sell|through|born|here|holiday|holidays|money|saved|better|sorted|
          + a new job|retire|recovered|new year|planning)
        (?<!do i )(?<!do we )(need|needs|have|got|want|must|waiting|get|doing|sort|sorting) ~5 first$
        (call|ring|text|message|phone) you [back] (later|soon|when|in a|after|once)
        keep me (posted|in the loop|in mind|updated|informed)
        (pass|run) (this|it) ~1 (on to|past|by)
        not this side of
        not ~1 a priority
        (down the line|in due course|at a later date|some ?time in the future|one day|eventually|watch this space|
          + put a pin in)
        (can|could) (it|this|we) ~1 (wait|hold off|leave it)
        bear with
        (other|bigger) (priorities|things to (deal|worry|think|sort))
        when (the time is right|i have the (money|time|cash|funds)|we have the (money|time|cash|funds))
        after (my|our|the) (holiday|holidays|op|operation|surgery|wedding|move|exams|baby|birth|season|half term|
          + summer)
        once ~4 (is|are) (done|over|back|finished|sorted|settled|through|better)
        (depends|see) (when|how things|what happens|how i)
        (got|have) (a lot|loads|too much|so much|bits|things|other (things|stuff|priorities)) (on|going on)
        need [some|a bit of|more|a little] [more] time
        give (me|us|it) (a (bit|few|couple|while|month|week)|some time|time|\d+ (weeks|months))
        (on|put(ting)? (it|this) on|it is on|is on) (hold|the back burner|pause|ice)
        hold(ing)? off
        no rush from
        too (soon|early)
        next (year|spring|summer|month|tax year)
        in the new year
        after christmas
        in a few (weeks|months)
        waiting (on|for|until)
        not (until|till|before)
    """),
    (Cue.BUSY, 5.2, r"""
        (i am|am|bit|really|so|very|too|super|pretty|quite|kinda|rushed off|mega|manic|crazy|hectic|just|still|
          + currently|been|swamped|sorry|we are|things are|it is|rather|mad|all) ~1 (busy|swamped|snowed under|
          + tied up|slammed|manic|hectic|flat out|rushed|up to my|stacked|stretched|full on|chaotic|mental)
        ^\W*[sorry] busy
        (at|in) work
        in [a] meetings?
        driving
        in the (middle of|car|shower|bath|pub|shops?|garden)
        (no|not much|little|short (of|on)|pushed for|pressed for|out of) (spare )?time
        (in|on|at|with) (a )?(class|lesson|lecture|client|customer|patient|school|uni|college|bed|dinner|
          + another call|a call)
        (one|two|give me (a|one|two|5|10)|hang on (a|one)?|just a) (sec|second|min|minute|mo|moment|tick|secs|minutes)
        (hang|hold) on
        (school|nursery) run
        bit (much|hectic|mad|manic|crazy)
        on (holiday|leave|vacation|annual leave|maternity|nights|shift)
        away (until|on|at|for|this|next|right|in|with)
        abroad
        in hospital
        at the (hospital|doctors|gym|airport|dentist)
        (not well|unwell|poorly|ill|sick|under the weather)\b(?! of)
        can not (talk|speak|chat|really talk|text|take calls)
        not free
        hands full
        (too much|a lot|lots|loads|so much) (on|going on)
        out of [the] (country|town|office)
    """),
    (Cue.THINKING, 5.8, r"""
        still ~1 (thinking|deciding|undecided|weighing|not sure|unsure|mulling|considering my|saving)
        (need|want|have|got) to ~1 (think|mull|decide|check|ask|speak (to|with) ({kin}|her|him)|talk (to|with|
          + it over)|discuss|save|sleep on|run it|wait|sort [out] (my|some|the) (money|finance\w*|mortgage))
        (let me|will|i am|going to) (think|mull|ponder|consider|sleep on|have a think)
        have( a)? think
        (saving|save) up
        money is ~1 tight
        (skint|broke|brassic|strapped|short of cash|cash flow)
        can not afford [it|this|that] (right now|at the moment|yet|just yet|until|this|atm)
        between jobs
        lost my job
        made redundant
        not [quite] (sure|decided|ready)\b(?! (who|what|how|if i))
    """),
)  # fmt: skip
