#!/usr/bin/env python3
"""End to end: the job that packaging/run --cli does, on the tiny built-in model, with the real nibble-cli.

    job_test.py NIBBLE_CLI SOURCE_FOLDER
"""
import pathlib, re, shutil, subprocess, sys, tempfile, unittest

CLI, SOURCE = map(pathlib.Path, sys.argv[1:3])
ROW = re.compile(r"^   (original|INT8|INT4|INT4, simple)  +(\S+)  +([\d.]+ [kMG]B)  +([\d.]+ [kMG]B)  +(\d+)/s  +([\d.]+)/s(.*)$")
UNIT = {"kB": 1e3, "MB": 1e6, "GB": 1e9}


def in_bytes(text):
    number, unit = text.split()
    return float(number) * UNIT[unit]


class Job(unittest.TestCase):
    def setUp(self):
        self.temp = tempfile.TemporaryDirectory(prefix="nibble-job-")
        self.folder = pathlib.Path(self.temp.name)
        self.original = self.folder / "nibble-tiny.F16.gguf"
        shutil.copy(SOURCE / "resources/demo/tiny.gguf", self.original)

    def tearDown(self):
        self.temp.cleanup()

    def job(self, original=None):
        return subprocess.run(
            [sys.executable, SOURCE / "packaging/demo/job.py", "--nibble", CLI, "--original", original or self.original,
             "--folder", self.folder, "--prompts", SOURCE / "resources/texts/prompts.json", "--chunks", "2"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=240)

    def rows(self, output):
        """{name of the row: its fields}"""
        return {m[1]: m.groups()[1:] for m in map(ROW.match, output.splitlines()) if m}

    def test_makes_smaller_models_and_prints_the_table(self):
        done = self.job()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        rows = self.rows(done.stdout)
        self.assertEqual(list(rows), ["original", "INT8", "INT4", "INT4, simple"], done.stdout)
        self.assertEqual([row[0] for row in rows.values()], ["F16", "Q8_0", "Q4_K_M", "Q4_0"])

        size = {name: in_bytes(row[1]) for name, row in rows.items()}
        self.assertLess(size["INT8"], 0.62 * size["original"])
        self.assertLess(size["INT4"], 0.75 * size["INT8"])
        for name, recipe in (("INT8", "Q8_0"), ("INT4", "Q4_K_M"), ("INT4, simple", "Q4_0")):
            path = self.folder / f"nibble-tiny.{recipe}.gguf"
            self.assertEqual(path.read_bytes()[:4], b"GGUF")
            self.assertAlmostEqual(path.stat().st_size, size[name], delta=0.06e6)

        agreement = {name: float(row[5].split("%")[0]) for name, row in rows.items() if name != "original"}
        drift = {name: float(re.search(r"\(([\d.]+)\)", row[5])[1]) for name, row in rows.items() if name != "original"}
        self.assertGreater(agreement["INT8"], 95)
        self.assertGreater(agreement["INT4"], 60)
        self.assertLess(drift["INT8"], drift["INT4"])
        for row in rows.values():
            self.assertGreater(float(row[3]), 0)
            self.assertGreater(float(row[4]), 0)

    def test_the_second_time_makes_nothing_again(self):
        self.assertEqual(self.job().returncode, 0)
        before = {p.name: p.stat().st_mtime_ns for p in self.folder.iterdir()}
        again = self.job()
        self.assertEqual(again.returncode, 0)
        self.assertEqual(again.stdout.count("is there already"), 3)
        self.assertEqual(before, {p.name: p.stat().st_mtime_ns for p in self.folder.iterdir()})

    def test_a_missing_original_is_a_clear_error(self):
        done = self.job(self.folder / "nothing.gguf")
        self.assertEqual(done.returncode, 3)
        self.assertIn("nothing.gguf", done.stderr)
        self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
