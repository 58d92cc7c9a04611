"""The phone: what runs a call once its media socket is open. Rules about calls are the domain's.

`line` is the machinery of one call (pipecat), `conversation` what is done with it, `socket` where it comes in, `server`
the process, `door` how the web side passes callers on to one. `handset` is the other end of the line.

Names, numbers and words of callers are kept out of logs: pipecat's own are switched off for that.
"""

from contextlib import suppress

with suppress(ModuleNotFoundError):  # where voice is not installed, `door` says that nobody answers
    from loguru import logger

    logger.disable("pipecat")
