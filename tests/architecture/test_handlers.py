"""Every task that the program puts into the queue has its handler in the workers."""

import importlib
import pkgutil

import frontdesk.jobs
import frontdesk.platform
from frontdesk.platform.queue import TaskHandler
from frontdesk.runtime import HANDLERS


def test_workers_know_every_task():
    modules = [
        importlib.import_module(found.name)
        for package in (frontdesk.jobs, frontdesk.platform)
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    written = {thing.task for module in modules for thing in vars(module).values() if isinstance(thing, TaskHandler)}
    assert written == {handler.task for handler in HANDLERS}
