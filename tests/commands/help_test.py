"""What the program says of itself: without arguments, of one key, and what the shell completes."""
import pathlib
import re
import shlex
import subprocess

import harness

COMPLETION = pathlib.Path(__file__).resolve().parents[2] / "jobs/completion.bash"


class Help(harness.Case):
    def test_without_arguments_a_deck_that_works(self):
        said = self.run_program(code=harness.BAD_INPUT, ranks=0).output
        self.assertIn("usage: admmnet train|predict", said)
        deck = "".join(re.findall(r"^  (?:data|net|run): .*\n", said, re.MULTILINE))
        self.assertEqual(deck.count("\n"), 3, said)
        self.path("my.yaml").write_text(re.sub("^  ", "", deck, flags=re.MULTILINE))
        harness.make_idx(self.path("data/mnist"))
        commands = re.findall(r"^  (?:mpirun -n 4 )?admmnet (.*)$", said, re.MULTILINE)
        self.assertEqual(len(commands), 3)
        plan = next(command.split() for command in commands if command.startswith("plan "))
        self.assert_says(self.run_program(*plan, ranks=0), "512")
        for command in commands:  # the others are read
            self.assert_says(self.run_program(*command.split(), "-no_such_key", "1", ranks=0,
                                              code=harness.BAD_INPUT), "-no_such_key")

    def test_one_key(self):
        for name in ("admm_step", "-admm_step"):
            said = self.run_program("-help", name, ranks=2).output
            self.assertEqual(said.count("-admm_step\n"), 1)  # one rank speaks
            for words in (r"default +auto", r"allowed +auto or number in \(0, 1e\+06\]",
                          r"only +with -train_method taylor, and -admm_sweep blocks or full",
                          r"group +admm, the sweeps of ADMM", r"deck +admm: {step: VALUE}"):
                self.assertRegex(said, words)
        said = self.run_program("-help", "net_hidden", ranks=0).output
        self.assertIn("cannot change it", said)
        self.assertNotIn("only", said)
        self.assertIn("-plan_ranks", self.run_program("-help", "-ranks", ranks=0).output)

    def test_a_group(self):
        said = self.run_program("-help", "ckpt", ranks=0).output
        self.assertEqual(re.findall(r"^  -(\w+)", said, re.MULTILINE),
                         ["ckpt_every_iterations", "ckpt_every_minutes", "ckpt_keep"])

    def test_an_unknown_key(self):
        result = self.run_each_rank("-help", "net_hiden", code=harness.BAD_INPUT)
        self.assert_says(result, "-help net_hiden", "did you mean net_hidden?")

    def complete(self, lines):
        """What bash offers for the last word of each line, all in one shell."""
        script = f". {shlex.quote(str(COMPLETION))}; complete -p admmnet >/dev/null\n" + "".join(
            f"COMP_WORDS=({shlex.join([harness.PROGRAM, *words])}); COMP_CWORD={len(words)}\n"
            f'_admmnet {shlex.quote(harness.PROGRAM)}; echo "${{COMPREPLY[*]}}"\n'
            for words in lines)
        said = subprocess.run(["bash", "-c", script], check=True, cwd=self.folder,
                              capture_output=True, text=True)
        self.assertEqual(said.stderr, "")
        return [sorted(line.split()) for line in said.stdout.splitlines()]

    def test_completion(self):
        self.path("deck.yaml").write_text("")
        table = (
                (["tr"], ["train"]), (["pl"], ["plan"]), (["-he"], ["-help"]),
                (["train", "-net_hi"], ["-net_hidden"]), (["plan", "-rank"], ["-ranks"]),
                (["train", "-admm_sweep", ""], ["blocks", "full", "printed"]),
                (["train", "-net_bias", "f"], ["false"]),
                (["train", "-train_method", "pda"], ["pdadmm"]),
                (["train", "-data_validation", ""], ["auto"]),
                (["train", "-admm_defaults", ""], ["auto", "columns", "first"]),
                (["train", "-linalg_weight_solver", "chol"], ["cholesky"]),
                (["train", "-options_file", "de"], ["deck.yaml"]),
                (["train", "-data_train", "de"], ["deck.yaml"]),
                (["-help", "-ckpt_k"], ["-ckpt_keep"]))
        for (words, offered), found in zip(table, self.complete(words for words, _ in table),
                                           strict=True):
            with self.subTest(words=words):
                self.assertEqual(found, offered)


if __name__ == "__main__":
    harness.main()
