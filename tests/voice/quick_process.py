"""A voice process of a data directory, with speech by the stand-ins of the tests: it takes callers at once."""

import asyncio
import sys

from tests.voice.conftest import QUICK, Humming, Scripted

from frontdesk.platform.settings import load_settings
from frontdesk.process import stopping_on_signals
from frontdesk.runtime import open_runtime
from frontdesk.voice.server import serve
from frontdesk.voice.speech import Providers


async def main(data_dir: str, port: str) -> None:
    settings = load_settings({"FRONTDESK_DATA_DIR": data_dir, "FRONTDESK_PORT": port})
    async with stopping_on_signals() as stop, open_runtime(settings) as runtime:
        await serve(runtime.context, Providers([Scripted()], [Humming()]), settings.data_dir, stop, manner=QUICK)


asyncio.run(main(*sys.argv[1:]))
