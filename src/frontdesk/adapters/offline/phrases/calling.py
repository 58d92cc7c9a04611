"""Phrases about calls: wanting one, asking when, preferring to write, moving one.

The form of the tables is told in `cues`.
"""

from frontdesk.adapters.offline.cues import Cue, Row

ROWS: tuple[Row, ...] = (
    (Cue.CALL, 7, r"""
        ({ring}|call back|ring back|phone back|callback) (me|us)\b(?! (a |an |names|\w+ing|later maybe|crazy|
          + old fashioned|cynical))
        (can|could|will|would|shall|may|please|to|someone|somebody|you|do|just|maybe|and|then|or|let us|
          + lets) ~1 ({ring}|call back)\b(?! (centre|center|charge|out|you|off|it off|of|that|this number a|a day|
          + about|from|number|was|has|is))
        (a|the|quick|short|brief|phone|book|booking|arrange|schedule|set up|organise|have|request|want|need|like|
          + fancy|get|set) ~2 (call|phone call|call ?back|phonecall|chat|conversation|appointment|consultation|
          + zoom)\b(?! (centre|center|charge|last|yesterday|from|was|log))
        (can|could|shall|may|let us|lets|want to|like to|love to|need to|happy to|ready to|able to|free to|good to|
          + up for|rather|prefer to|best to|easier to|able to|available to|glad to|keen to|try to|please|will|
          + would) ~2 {talk}\b(?! (to|with) (my|the|her|him|a|an|someone|somebody|your|them|our|some|any|one)\b)
        (book|pencil|fit|squeeze|slot|put|sign|schedule) (me|us|it|that|one) (in|down|up)
        book (it|a slot|a time|one|something|an? (appointment|call|time|slot))
        (get|make|arrange|set up|sort|sort out|schedule|organise|find) [me|us] [a|an|something|some] (time|date|
          + slot|appointment|something in)
        (call|phone call|chat|callback) ~1 (works|suits|is (fine|good|ok|best|great|perfect|easier|better)|
          + would (be|suit|work)|sounds|will do|please|then|for (me|monday|tues|wed|thurs|friday|tomorrow))
        contact me
        (want|like|need|ready|happy|love) to (book|arrange|schedule)
        get (someone|somebody|him|her|them|one of (the|your) \w+) to (call|ring|phone|contact)
        get in touch
        reach me
        missed (your|a|the) call
        hop on (a|the)
        jump on (a|the)
        what number\b.*\b(call|ring)
        my [new|other|best] number is
        give me a \w+ (ring|call)
    """),
    (Cue.CALL, 6.5, r"""
        ^\W*(yes|ok|please|sure|great|just|hi|hello)*\W*({ring}|call back|callback|phone call|{talk})\W*(please|
          + then|is (good|fine|ok|best|great)|works|would be (good|great|best)|good|fine|ok|now|soon|yes)*\W*$
        ^\W*({talk}|{ring}) (soon|today|tomorrow|this|next|on|at|in|after|asap|now|monday|tuesday|wednesday|
          + thursday|friday|saturday|sunday|\d)
    """),
    (Cue.CALL, 5.5, r"""
        (i am|am|will be|i will be|are you|we are|free|available) ~1 (free|available|around|about|home|in)\b(?= *($|
          + on|at|after|from|all|any|now|most|between|until|in|for|to|,|\?|tomorrow|today|this|next|mon|tue|wed|thu|
          + fri|sat|sun|\d))
        free (now|today|tomorrow|after|from|on|any|all day|most|this|next|monday|tuesday|wednesday|thursday|friday)
    """),
    (Cue.TIMES, 7, r"""
        (what|which|any|when|got|other) ~1 (times?|slots?|days?|dates?|availability|openings|
          + appointments?)\b(?! (will it|does it|do you (open|close)|are you open|of [the] year|is it there))
        when (are|is|can|could|would|will) (you|we|i|someone|somebody|they|it)( \w+)? (free|available|call|ring|
          + phone|talk|speak|chat|do it|book|suit|be)
        when( is| are| can| would)?( a)?( good| best)? (time|you free|suits?|works?)
        (got|have|do you have|have you got|is there|are there) (anything|any|something|space|room|a slot|
          + availability)( (free|available|left|going|open|sooner|later|earlier|else|on|in|for|after|before|around|
          + next|this|tomorrow|today|slots?|times?|appointments?|spaces?|gaps?|availability|monday|tuesday|
          + wednesday|thursday|friday|saturday|sunday)|$|\?)
        your (availability|diary|calendar)
        how soon (can|could) (you|someone|we|they) ~1 (call|ring|phone|speak|talk|chat)
        are you (free|available|around)
    """),
    (Cue.NO_CALLS, 6.8, r"""
        (do not|no|not|rather not|can not|hate|dislike|never) ~4 ({ring}s?|phone calls?|on the phone|by phone|
          + over the phone|calling|phoning|talking on the phone)( me)?\b(?=.*\b(text|texts|message|messages|
          + whatsapp|writing|here)\b)
        ^\W*(no|not) [phone] calls?( please| thanks)?\W*$
        (text|texting|message|messages|texts|by text|over text|on here) (only|instead|is (best|better|easier|fine)|
          + rather than|not call|would be (better|easier))
        (prefer|rather|just|only) (by |to |just |you |do it |over |via )*(text|texts|texting|message|messages|
          + messaging|whatsapp)
        no [phone] calls
        (do not|not) (like|do|want|take|answer|need) ~2 [phone] calls?
        can (we|you) [just] (do (it|this) )?(by|over|via|on) (text|message|whatsapp)
        hate (the phone|talking on the phone|phone calls)
    """),
    (Cue.ELSEWHERE, 6.6, r"""
        (e ?mail|post|mail|send|drop|ping|shoot|forward) (me|us|it|them|that|some|the|over|through|a|an) ~5 (by |
          + an? |via |to |in |on )*(e ?mail|the post|brochure|catalogue|leaflet|writing|pdf|link|@)
        e ?mail (me|us|it|them|over|through|the|would|is|please|instead|only|some|details|info)
        (by|via|over|on|an|to my|in an|prefer|my) e ?mail
        (send|post) [me|us] [a|the|your] (brochure|catalogue|leaflet|link|website|pdf|pictures|photos)
        whats ?app me
        re ?send
    """),
    (Cue.CHANGE, 8, r"""
        (cancel|move|change|rearrange|re arrange|reschedule|push back|postpone|bring forward|shift|rebook|re book|
          + alter) ~3 (booking|appointment|call|slot|time|meeting|it to|it back|to another|to a)
        (reschedule|rearrange|postpone|rebook)
        (can|could|shall|may) (we|you|i) ~1 make it
        (do|have|swap|switch) ~3 instead$
        can not (make (it|the)|do (it|that|the call)) (anymore|any more|now|after all|call|tomorrow|today)
    """),
)  # fmt: skip
