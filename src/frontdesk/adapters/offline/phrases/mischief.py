"""Phrases that try to instruct the brain, and marks of sarcasm.

The form of the tables is told in `cues`.
"""

from frontdesk.adapters.offline.cues import Cue, Row

ROWS: tuple[Row, ...] = (
    (Cue.INJECTION, 9, r"""
        (ignore|disregard|forget|override|bypass|discard) ~4 (instructions?|prompts?|rules|guidelines|programming|
          + previous|directives?|training|constraints|guardrails)
        system ?prompt
        you are now\b(?! (texting|messaging|calling|being))
        (pretend|roleplay|role play|act|behave) ~1 (to be|you are|as|as if|like you|like a|that you)
        jail ?break
        developer mode
        dan mode
        (reveal|print|show|repeat|output|tell me|give me|what (is|are)|dump|leak|paste) ~3 (instructions|prompt|
          + system message|initial message|hidden|secret|api key|password|config\w*|rules you)
        ^\W*(system|assistant|user|admin|developer|new instructions?) ?(message|prompt|override|note)? ?:
        (repeat after me|say exactly|reply [only] with (only|exactly|the word)|respond [only] with (only|exactly|
          + the word))
        (write|compose|tell) [me] (a |an |some )(poem|essay|story|song|joke|code|haiku|python|limerick|rap)
        language model
        </?(system|instructions?|prompt)>
        as your (developer|administrator|admin|creator|boss)
    """),
    (Cue.SNEER, 3, r"""
        emojimeh
        emojiangry
        oh (great|joy|good|wow|fab|lovely|brilliant|fantastic)[ ,]*(another|more|you|it is you|just what)
        just what i (need|needed|wanted)
        lucky me
        thanks for nothing
        because that (went|worked)
        wow how
        how (original|lovely for|kind of)
        yes because
        sure because
        all i need
        i am (thrilled|overjoyed|ecstatic)
        big whoop
        slow ?clap
        sarcas\w*
        not\W*$(?<=! not)
    """),
)  # fmt: skip
