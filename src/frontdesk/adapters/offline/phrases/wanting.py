"""Phrases of interest, agreement and wanting to know more.

The form of the tables is told in `cues`.
"""

from frontdesk.adapters.offline.cues import Cue, Row

ROWS: tuple[Row, ...] = (
    (Cue.KEEN, 5.5, r"""
        interested\b(?! rates?)
        (very|really|so|super|dead|well|still|quite|pretty) keen
        keen
        (still|yes|am|been|are) ~1 (looking|thinking about (it|getting|doing|this)|want|wanting|wanted|need|needing|
          + up for|considering|after|in the market|hoping|planning|would like)
        still ~1 (on|open|here|relevant|on the cards|on my list|need to|a possibility|an option)
    """),
    (Cue.KEEN, 5.3, r"""
        (sounds?|looks?|seems?) ~1 (good|great|interesting|ideal|perfect|promising|fab|fantastic|brilliant|amazing|
          + lovely|nice|like a plan|decent|alright|fair|super|wonderful|awesome|reasonable|ok)
        go on( then)?
        go ahead\b(?! without)
        go for it
        crack on
        ready when you are
        (i am|we are) (ready|all yours|all for it|up for it|on board)
        up for (it|that|this|hearing|having|getting|doing|a)
        where do (i|we) sign
        how (do|can|would) (i|we) (start|get started|proceed|go ahead|sign up|get one|order|apply|join)
        let us roll
        let us (do (it|this)|go|get (it|this|started|going|cracking))
        i am (in|game|down|listening|all ears|ready|sold)
        count me in
        sign me up
        all ears
        fire away
        hit me
        bring it on
        colou?r me
    """),
    (Cue.KEEN, 5.2, r"""
        (would|will|i) ~1 (love|like)\b(?! (you|u) to (stop|leave|go|remove)| to (stop|opt|be removed|unsubscribe|
          + complain|speak to a))
        love to
        could do with [a|an|some|one]
        (want|need|like|get|have|give me|do me|after|looking for|send me|update|updated|new|another|fresh|
          + requote) ~2 (quote|quotation|estimate|price|prices)
        still (need|want|up for|haven|have not)
        (want|ready|happy|like|keen|good) to (go ahead|proceed|move forward|get started|get going|start|sign|buy|
          + order|do (it|this)|hear|know more|learn|explore|see)
    """),
    (Cue.KEEN, 5, r"""
        (have|has|had|did|do) not ~2 (sorted|found|got|done|bought|decided|chosen|made|gone|heard|had|fixed|
          + got round|gotten)
        (still|not) ~1 (sorted|done|fixed|found (anyone|anything|one))\b(?! out with)
        (need|needs|want|get) (it|this|that|to get it|to get this|one|mine|ours|the \w+)? ?(sorting|sorted|doing|
          + done|fixing|fixed|replacing)
        never (got|did|found|sorted|went ahead|heard|ended up)
        funny you
        (good|perfect|great|excellent) timing
        been meaning to
        just (thinking|talking|wondering) about
        glad you
        thanks for (getting (in touch|back)|reaching out|following up|chasing|the reminder|reminding)
        (that|it|this) (would|will) be ~1 (great|good|lovely|brilliant|perfect|ideal|fab|amazing|helpful|useful|
          + wonderful|fine|super|ace)
        would be ~1 (useful|helpful|interested|good to (know|hear|see)|nice to (know|hear|see)|great to (know|hear|
          + see))
        (i|we) would$
        what (have you got|can you (do|offer)|has changed|is (changed|new|the (deal|offer|plan|latest|score)))
        if the (price|numbers|figures|cost|deal|money) (is|are|stack|add|work|make)
        tempted
        (been|was) ~1 (waiting|hoping|wanting|going) to
        intrigued
        curious
        on my list
        keep (going|thinking)
        thinking about (getting|having|doing|it|this)
        excited
        what (is|are) [the] next steps?
        what do (i|you) need (from me|to do)
        is (it|the offer) still (available|on|open|going)
        that is (right|correct|me|still me|us)
        speaking\b$
    """),
    (Cue.YES, 4.6, r"""
        yes
        definitely
        absolutely
        of course
        for sure
        certainly
        please do
        emojiyes
        100 ?%
        sure thing
        sure\b(?! (about|if|what|who|how|when|whether|yet|why|that|it|this))
        indeed
        i do
        ^\W*(yes )*(i am|we are)\W*$
        deal\b\W*$
        si
    """),
    (Cue.YES, 2, r"""
        ^\W*(ok|alright|fine|cool|great|perfect|lovely|brilliant|good|nice|super|fab|excellent|ideal|sweet|sound|
          + grand|awesome)\b(?! luck)
    """),
    (Cue.INFO, 5.2, r"""
        (tell|know|hear|find out|learn|explain|say|see|need|want|get|have|send|any|some|bit|lot) [me|us|
          + you] (a (bit|little) )?(more|further|extra|additional|the|some|all the|your|info|details|
          + information)\b( (info\w*|details|about|please))?(?! (texts?|messages?|calls?|time|week|month|days|
          + from you|spam))
        more (info|information|details|detail|about)
        (info|information|details) please
        fill me in
        pass me (the|your|some|more)
        tell me (about|all|what|how)
        what is involved
        go over (it|the)
        run me through
        elaborate
        remind me what (you|it|the)
        more please
        (send|text|give) [me|us|it|them|over|through] [the|some|your|more] (info|details|information|over|through)
    """),
    (Cue.KEEN, 8.3, r"""
        (can|could|will|would) you (beat|match|better|do better)
    """),
    (Cue.MAYBE, 3.4, r"""
        (it is|this is|i am|here is|yes) leadname
        leadname (here|speaking)
    """),
    (Cue.MAYBE, 3, r"""
        depends (on|how|what|who|if|whether)
        ^\W*(maybe|perhaps|possibly|might be|could be|depends|not sure|i am not sure|dunno|i do not know|hmm+|
          + potentially|kind of|sort of|could do|i suppose|suppose so|i guess|guess so|unsure|undecided)\W*(yes|
          + mate|really|yet|lol|honestly|so)*\W*$
    """),
)  # fmt: skip
