"""Frontdesk's voice process as `frontdesk voice` runs it, with stand-ins for speech."""

from bench.voice.standins import Hums, Knows
from frontdesk.platform.settings import Settings
from frontdesk.process import stopping_on_signals
from frontdesk.runtime import open_runtime
from frontdesk.terminal import run_to_end, settings_of
from frontdesk.voice.server import serve
from frontdesk.voice.speech import Providers


async def _main(settings: Settings) -> None:
    async with stopping_on_signals() as stop, open_runtime(settings) as runtime:
        await serve(runtime.context, Providers([Knows()], [Hums()]), settings.data_dir, stop)


if __name__ == "__main__":
    run_to_end(_main(settings_of(None)))
