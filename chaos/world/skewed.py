"""Run a module with a clock that is wrong: `python -m chaos.world.skewed SECONDS MODULE …`."""

import runpy
import sys
import time

import time_machine


def main() -> None:
    """Shift what `time` and `datetime` say in this process and its children, then go on."""
    seconds, module = float(sys.argv[1]), sys.argv[2]
    sys.argv = sys.argv[2:]
    time_machine.travel(time.time() + seconds, tick=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
