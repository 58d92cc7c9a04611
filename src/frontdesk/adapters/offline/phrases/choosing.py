"""Phrases that answer an offer of times: which one, either, none, another.

The form of the tables is told in `cues`.
"""

ORDINALS: tuple[tuple[str, int], ...] = (
    (r"""
        the (first|1st|former|earliest|soonest)\b(?! (thing|time|place))
        (first|1st|earliest|soonest) {as_choice}
        ^{opening}(first|1st|earliest|soonest){ending}
        (number|option) (one|1|a)
        no 1
        (earlier|sooner) (one|slot|time)
        sooner the better
    """, 0),
    (r"""
        the (second|2nd|middle)
        (second|2nd|middle) {as_choice}
        ^{opening}(second|2nd|middle){ending}
        (number|option) (two|2|b)
        no 2
    """, 1),
    (r"""
        the (third|3rd)
        (third|3rd) {as_choice}
        ^{opening}(third|3rd){ending}
        (number|option) (three|3|c)
        no 3
    """, 2),
    (r"""
        the (last|latter|final|latest)\b(?! (week|month|year|night|time|message|text))
        (last|latter|final|latest) {as_choice}
        ^{opening}(last|latter|latest){ending}
        later (one|slot|time)
    """, -1),
)  # fmt: skip
"""With the place among those offered; -1 is the last."""

NOT_THAT = r"""
    (not|except|but|can not do|can not make|apart from)( the)?$
"""

EITHER = r"""
    either
    whichever
    any (one )?of (them|those|these)
    any one
    all (of (them|those) )?(are )?(good|fine|ok|work)
    both (are )?(good|fine|ok|work)
    you (choose|pick|decide)
    your (choice|call|pick)
    up to you
    do not mind
    not (fussed|bothered|fussy)
    no preference
    whatever (suits|works|is (best|easiest))
    surprise me
    easy either way
    ^(any|both|all|whatever)( (is|are|will do|works?|fine|good|ok|one))*\W*$
"""

NONE_OF_THEM = r"""
    none of (them|those|these)
    neither
    (those|these|they|that|them|it)( times| days| slots| dates)? (do|does|will|are|is) not (work|suit|good|any good|
      + ideal|great|convenient|possible)
    can not (do|make) (any|either|those|these|that|them|it)
    (any|got|have|something|anything|what) [you] [got] (other|else|another|different|alternative)
    (another|different) (day|time|date)
    other (days|times|dates|options|slots)
    (anything|something|any|bit|little|much|got) [a bit|slots?|times?] (later|earlier|sooner)
"""

ASKS_FOR_MORE = r"""
    (got|have|is there|are there) [you] [got] (any|anything|something|other)
    anything (on|in|after|before|around)
    (is|are) there (a|an|any|another|one)
    (have|got|do you have|do) [you] (a|an|anything|something) (later|earlier|different)
"""

AGREES = r"""
    book (it|that|me in|me)
    go (for|with) (it|that)
    (will|i) take it
    lock it in
    that one
    do (it|that)
    put me (in|down)
    (that|it|this)( time| one| slot)? (is|will be|would be|sounds|works?|suits?)( \w+)? ?(fine|good|great|perfect|
      + ok|ideal|lovely|for me|me|do|brilliant)?\b(?! not)
"""
