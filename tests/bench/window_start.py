#!/usr/bin/env python3
"""How long the window takes to open: milliseconds from starting `nibble` (with its engine, and a home folder of its own)
to the end of its first frame, as Qt Quick logs it. Mean and worst of the starts; fails where the mean is not under
--under.

    tests/bench/window_start.py BUILD/bin/nibble [--starts 10] [--under 1000] [--platform offscreen]

The first start is shown apart: its files may not be in memory yet.
"""
import argparse, os, pathlib, selectors, subprocess, sys, tempfile, time

FRAME = b"rame rendered"  # "Frame ..." or, where a thread renders, "...: frame rendered in"
PATIENCE_S = 60


def first_frame(program, platform, home):
    environment = os.environ | {"QT_LOGGING_RULES": "qt.scenegraph.time.renderloop=true", "HOME": home,
                                "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home,
                                "XDG_RUNTIME_DIR": home, "NIBBLE_MODELS": home + "/models"}
    if platform:
        environment["QT_QPA_PLATFORM"] = platform
    start = time.monotonic()
    with subprocess.Popen([program], env=environment, stderr=subprocess.PIPE) as process:
        try:
            log = b""
            with selectors.DefaultSelector() as selector:
                selector.register(process.stderr, selectors.EVENT_READ)
                while FRAME not in log:
                    if not selector.select(max(0, start + PATIENCE_S - time.monotonic())):
                        sys.exit(f"no frame within {PATIENCE_S} s")
                    piece = os.read(process.stderr.fileno(), 65536)
                    if not piece:
                        sys.exit("the window ended before its first frame:\n" + log.decode(errors="replace"))
                    log += piece
            return (time.monotonic() - start) * 1000
        finally:
            process.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--under", type=float, default=1000, help="milliseconds")
    parser.add_argument("--platform", help="of Qt, where not the desktop's own: offscreen, xcb, wayland")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        times = [first_frame(options.program.resolve(), options.platform, home) for _ in range(options.starts)]
    mean = sum(times) / len(times)
    print(f"first {times[0]:.0f} ms, mean {mean:.0f} ms, worst {max(times):.0f} ms of {len(times)} starts"
          f" (load {os.getloadavg()[0]:.1f})")
    sys.exit(0 if mean < options.under else 1)


if __name__ == "__main__":
    main()
