"""Runs one Pulumi program in its own process, against the evaluator.

It runs under the project's Python, which need not have this package: it uses the standard library and pulumi only. The way
`sdk` is pulumi's own. The way `fast` drops debug messages, which block on the engine four times a resource, waits for
all outstanding outputs at once and not for one after the other, which is quadratic (pulumi 3.272, runtime/stack.py), reads
positions off the stack without the source files, and collects garbage a hundred times less often, for a program's resources
stay until it ends: a third of its time.
"""

import argparse
import asyncio
import gc
import runpy
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

try:
    import pulumi
    import pulumi.runtime
    from pulumi.runtime import resource as resource_module
    from pulumi.runtime import settings
    from pulumi.runtime import stack as stack_module
    from pulumi.runtime.proto import source_pb2
except ImportError as missing:
    sys.exit(f"{sys.executable} cannot run the program: {missing}; install the project's requirements for it")

FAILED = 32  # the program failed and has said why


async def wait_for_all(await_all_outstanding_tasks: bool = True) -> None:
    """Waits until no registration and no output is outstanding; raises the first error."""
    manager = settings._get_rpc_manager()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the runtime's own
    outputs: set[asyncio.Task[Any]] = settings.SETTINGS.outputs  # pyright: ignore[reportAttributeAccessIssue]
    while True:
        await asyncio.sleep(0)
        waiting = {asyncio.ensure_future(rpc) for rpc in manager.rpcs}
        manager.rpcs.clear()
        if await_all_outstanding_tasks and not waiting:
            with settings.SETTINGS.lock:  # pyright: ignore[reportAttributeAccessIssue]
                waiting = set(outputs)
                outputs.clear()
        if waiting:
            done, later = await asyncio.wait(waiting, return_when=asyncio.FIRST_EXCEPTION)
            failed = [task for task in done if not task.cancelled() and task.exception() is not None]
            if failed or manager.unhandled_exception is not None:
                for task in later:
                    task.cancel()
        else:
            done, failed = set(), []
        if manager.unhandled_exception is not None:
            raise manager.unhandled_exception.with_traceback(manager.exception_traceback)
        for task in failed:
            await task
        if not manager.rpcs and not (await_all_outstanding_tasks and outputs):
            break


def stack_trace() -> source_pb2.StackTrace:
    """Makes the stack above the constructor of a resource, as pulumi's runtime does: above the third `__init__`.

    The runtime's own reads the line of source of every frame, which nothing asks for.
    """
    found = list(frames(sys._getframe(1)))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - others read the source
    starts = [i for i, frame in enumerate(found) if frame.f_code.co_name == "__init__"]
    above = found[starts[2] + 1 :] if len(starts) > 2 else []
    return source_pb2.StackTrace(frames=[position(frame.f_code.co_filename, frame.f_lineno) for frame in above])


def frames(frame: FrameType | None) -> Iterator[FrameType]:
    """Yields a frame and those that called it."""
    while frame is not None:
        yield frame
        frame = frame.f_back


@cache
def position(file: str, line: int) -> source_pb2.StackFrame:
    """Makes a place in a source file; without one for what is no file (`<frozen runpy>`)."""
    path = Path(file)
    return source_pb2.StackFrame(
        pc=source_pb2.SourcePosition(uri=path.as_uri(), line=line) if path.is_absolute() else None
    )


def user_traceback(program: str) -> str:
    """Makes the traceback from the program's first frame on."""
    _, error, trace = sys.exc_info()
    path = Path(program)
    here = path / "__main__.py" if path.is_dir() else path
    frames = traceback.extract_tb(trace)
    for i, frame in enumerate(frames):
        if Path(frame.filename).resolve() == here.resolve():
            return "".join(traceback.format_exception(error, limit=i - len(frames)))
    return "".join(traceback.format_exception_only(error))


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Runs a Pulumi program")
    for name in ("monitor", "engine", "project", "stack", "organization", "root", "program"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--parallel", type=int, default=16)
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--way", choices=["fast", "sdk"], default="fast")
    return parser.parse_args()


def main() -> int:
    """Runs the program. Returns 0, or FAILED after the engine has been told why."""
    given = arguments()
    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=given.monitor,
            engine=given.engine,
            project=given.project,
            stack=given.stack,
            parallel=given.parallel,
            dry_run=given.dry_run,
            organization=given.organization,
            root_directory=given.root,
        )
    )
    if given.way == "fast":
        pulumi.log.debug = lambda *_args, **_options: None
        stack_module.wait_for_rpcs = wait_for_all
        resource_module._get_stack_trace = stack_trace  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        gc.set_threshold(70_000)
    sys.argv = [given.program]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(given.parallel * 4)
    loop.set_default_executor(executor)
    loop.set_exception_handler(lambda _loop, _context: None)

    def program() -> None:
        runpy.run_path(given.program, run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(program))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return FAILED
    except Exception:  # noqa: BLE001 - whatever the program raises is told
        pulumi.log.error("Program failed with an unhandled exception:\n" + user_traceback(given.program))
        return FAILED
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
