"""Forms in which models write programs, and which text of each is the program that is meant."""

import ast
import html
import json
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.authoring.model.replies.code import parse_code
from synth_pipeline.authoring.model.replies.program.merit import MAX_CODE_LENGTH
from synth_pipeline.domain.errors import ReplyError

PROGRAM = '''\
"""A generator."""

import os

import numpy as np
import pandas as pd


class Machine:
    """One machine."""

    def __init__(self, year: int) -> None:
        self.year = year

    def run(self) -> pd.DataFrame:
        """Return readings."""
        return pd.DataFrame({"Timestamp": [self.year], "a_c": np.zeros(1)})


def main() -> None:
    """Write a year."""
    Machine(int(os.environ["SYNTH_YEAR"])).run().to_parquet("dataset.parquet")


if __name__ == "__main__":
    main()
'''
DRAFT = PROGRAM.replace("A generator", "A draft")
READS = """\
import pandas as pd

data = pd.read_parquet("dataset.parquet")
assert len(data) > 0
print(data.shape)
"""
HELPER = """\
import numpy as np

def smooth(x, n):
    return np.convolve(x, np.ones(n) / n, "same")
"""


def fence(code: str, opening: str = "```python", closing: str = "```") -> str:
    return f"{opening}\n{code}{closing}\n"


FENCED = fence(PROGRAM)
SHELL = fence("SYNTH_YEAR=2024 python main.py\n", "```bash")
LANGUAGES = [
    *["python", "py", "Python3", "PYTHON", "python3.11", "ipython", "jupyter-python", "{python}"],
    *["main.py", "synth_pipeline/main.py", "python main.py", "python:main.py", "python, main"],
    *["text", "txt", "plaintext", "code", "output", "markdown", "", " python", "python   "],
    *["{.python .numberLines}", "lang=python", 'python title="main.py"'],
]

ONE_BLOCK = {f"```{language}": fence(PROGRAM, f"```{language}") for language in LANGUAGES} | {
    "tildes": fence(PROGRAM, "~~~python", "~~~"),
    "four backticks": fence(PROGRAM, "````python", "````"),
    "closed by more backticks": fence(PROGRAM, "```python", "````"),
    "prose on both sides": f"Sure:\n\n{FENCED}\nIt writes a year.",
    "prose without blank lines": f"Sure:\n{FENCED}It writes a year.",
    "a fence beside prose": f"Here it is: {FENCED}",
    "code beside the fence": f"```python {PROGRAM}```",
    "code beside a bare fence": f"```{PROGRAM}```",
    "a closing fence beside code": f"```python\n{PROGRAM.rstrip()}```\n",
    "another closing fence": f"```python\n{PROGRAM}~~~\n",
    "two opening fences": f"```python\n```python\n{PROGRAM}```\n```\n",
    "a title": fence(f"main.py\n{PROGRAM}"),
    "a magic": fence(f"%%writefile main.py\n{PROGRAM}"),
    "a shell that writes it": fence(f"cat > main.py <<'PY'\n{PROGRAM}PY\npython main.py\n", "```"),
    "an indented fence": textwrap.indent(FENCED, "   "),
    "a deeply indented fence": textwrap.indent(FENCED, "    "),
    "a fence alone indented": f"1. Program:\n\n   ```python\n{PROGRAM}   ```\n",
    "a list": f"1. Program:\n\n{textwrap.indent(FENCED, '   ')}\n2. Check: fine\n",
    "a quotation": textwrap.indent(FENCED, "> ", lambda _line: True),
    "a block of Markdown": fence(f"# Answer\n\n{FENCED}\nDone.\n", "````md", "````"),
    "a block of Markdown of one kind": fence(f"# Answer\n\n{FENCED}", "```markdown"),
    "a byte-order mark": f"\ufeff{FENCED}",
    "a byte-order mark inside": fence(f"\ufeff{PROGRAM}"),
    "line feeds of Windows": FENCED.replace("\n", "\r\n"),
    "line feeds of old Macs": FENCED.replace("\n", "\r"),
    "odd spaces": fence(PROGRAM.replace("    ", "\u00a0" * 4)),
    "invisible characters": fence(PROGRAM.replace("import os", "\u200bimport os")),
    "entities": fence(html.escape(PROGRAM)),
    "a token of its template": f"{FENCED}<|im_end|>",
    "details": f"<details><summary>Code</summary>\n\n{FENCED}\n</details>",
    "an answer in tags": f"<answer>\n{FENCED}</answer>",
    "no errors": f"{FENCED}\nCHECKED: NO ERRORS",
    "no closing fence": f"```python\n{PROGRAM}",
    "no closing fence and no errors": f"```python\n{PROGRAM}\nCHECKED: NO ERRORS",
}
NO_FENCE = {
    "nothing else": PROGRAM,
    "prose on both sides": f"Here it is:\n\n{PROGRAM}\nIt writes a year.\n",
    "prose without blank lines": f"Here it is:\n{PROGRAM}It writes a year.\n",
    "no errors": f"{PROGRAM}CHECKED: NO ERRORS",
    "a title": f"**main.py**\n\n{PROGRAM}",
    "a language": f"python\n{PROGRAM}",
    "rulers": f"=== main.py ===\n{PROGRAM}=== end ===\n",
    "a closing fence alone": f"Here it is:\n\n{PROGRAM}```\n",
    "indented": f"Here it is:\n\n{textwrap.indent(PROGRAM, '    ')}\nThat is all.\n",
    "tabs": textwrap.indent(PROGRAM, "\t"),
    "quoted": textwrap.indent(PROGRAM, "> ", lambda _line: True),
    "a byte-order mark": f"\ufeff{PROGRAM}",
    "line feeds of Windows": PROGRAM.replace("\n", "\r\n"),
    "a token of its template": f"{PROGRAM}<|eot_id|>",
    "an empty block above": f"{fence('')}{PROGRAM}",
    "HTML": f'<pre><code class="language-python">{html.escape(PROGRAM)}</code></pre>',
    "HTML between paragraphs": f"<p>Program:</p><pre>{html.escape(PROGRAM)}</pre><p>Done</p>",
    "HTML without entities": f"<pre>\n{PROGRAM}</pre>",
    "a tag": f"<code>\n{PROGRAM}</code>",
    "a tag on the line": f"<code>{PROGRAM}</code>",
    "a tag with a language": f'<code language="python">\n{PROGRAM}</code>\nCHECKED: NO ERRORS',
    "a tag with its text quoted": f"<code><![CDATA[\n{PROGRAM}]]></code>\n<errors/>",
    "a tag beside its text quoted": f"<r><code><![CDATA[{PROGRAM}]]></code>\n<errors/>\n</r>",
    "a file": f'<file name="main.py">\n{PROGRAM}</file>',
    "a call": f'<invoke name="write"><parameter name="code">{PROGRAM}</parameter></invoke>',
    "JSON": json.dumps({"code": PROGRAM, "errors": []}),
    "JSON in a fence": fence(json.dumps({"filename": "main.py", "code": PROGRAM}), "```json"),
    "JSON in prose": f"Here:\n{json.dumps({'program': PROGRAM})}\nDone.",
    "JSON with files": json.dumps({"files": [{"path": "main.py", "content": PROGRAM}]}),
    "JSON of one file": json.dumps({"main.py": PROGRAM}),
    "JSON with a draft": json.dumps({"draft": DRAFT, "final": PROGRAM}),
    "JSON with line feeds": '{"code": "' + PROGRAM.replace('"', '\\"') + '"}',
    "a JSON text": json.dumps(PROGRAM),
}
HALF, END = PROGRAM.index("def main"), PROGRAM.index("if __name__")
IN_CLASS, IN_METHOD = PROGRAM.index("    def run"), PROGRAM.index("        return pd.")
SEVERAL = {
    "a draft": f"{fence(DRAFT)}<error>a typo</error>\n{FENCED}",
    "a draft without end": f"```python\n{DRAFT}\nWait, that is wrong.\n{FENCED}",
    "a draft before no closing fence": f"{fence(DRAFT)}Final:\n```python\n{PROGRAM}",
    "a draft before no fence": f"{fence(DRAFT)}Corrected:\n\n{PROGRAM}",
    "drafts without fences": f"Draft:\n\n{DRAFT}\nFinal:\n\n{PROGRAM}",
    "a skeleton": fence("import os\n\ndef main():\n    pass\n\nmain()\n") + FENCED,
    "a skeleton after": FENCED + fence("import os\n\ndef main():\n    pass\n\nmain()\n"),
    "a helper": f"{fence(HELPER)}Program:\n{FENCED}",
    "a helper after": f"{FENCED}One could use:\n{fence(HELPER)}",
    "a snippet after": FENCED + fence("    values = values[:rows]\n"),
    "a function after": FENCED + fence(PROGRAM[HALF:END]),
    "a part of a class after": FENCED + fence("class A:\n    def b(self):\n        return 1\n"),
    "a version with gaps": FENCED
    + fence(DRAFT.replace('"""Write a year."""', "# ... unchanged ...")),
    "an unfinished version": f"{FENCED}```python\n{DRAFT[:90]}",
    "a difference": FENCED + fence("-    year = 1\n+    year = 2\n", "```diff"),
    "installing": fence("pip install numpy pandas pyarrow\n", "```bash") + FENCED,
    "installing in a bare fence": fence("pip install numpy pandas pyarrow\n", "```") + FENCED,
    "requirements": fence("numpy\npandas\n", "```requirements.txt") + FENCED,
    "usage": FENCED + SHELL,
    "output": FENCED + fence("Timestamp,a_c\n", "```"),
    "JSON after": FENCED + fence('{"ok": true}\n', "```json"),
    "an empty block after": FENCED + fence(""),
    "two parts": f"Part 1:\n{fence(PROGRAM[:HALF])}Part 2:\n{fence(PROGRAM[HALF:])}",
    "two parts, the last calls": fence(PROGRAM[:END]) + fence(PROGRAM[END:]),
    "two parts of a class": fence(PROGRAM[:IN_CLASS]) + fence(PROGRAM[IN_CLASS:]),
    "two parts of a method": fence(PROGRAM[:IN_METHOD]) + fence(PROGRAM[IN_METHOD:]),
    "three parts and usage": fence(PROGRAM[:HALF])
    + fence(PROGRAM[HALF:END])
    + fence(PROGRAM[END:])
    + SHELL,
    "parts and then all": fence(DRAFT[:HALF]) + fence(DRAFT[HALF:]) + FENCED,
    "thoughts": f"<think>\n{fence(DRAFT)}</think>\n{FENCED}",
    "thoughts after": f"{FENCED}<thinking>\n{fence(DRAFT)}</thinking>",
    "thoughts without fences": f"<thinking>{DRAFT}</thinking>{PROGRAM}",
    "thoughts in a block": fence(DRAFT, "```thinking") + FENCED,
    "thoughts without an end": f"<think>\nhmm\n{fence(DRAFT)}So:\n{FENCED}",
    "thoughts without a beginning": f"{fence(DRAFT)}No.\n</think>\n{FENCED}",
    "thoughts between brackets": f"[THINK]\n{fence(DRAFT)}[/THINK]\n{FENCED}",
    "channels": f"<|channel|>analysis<|message|>{fence(DRAFT)}<|end|>"
    f"<|channel|>final<|message|>{FENCED}<|return|>",
}


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(reply, id=f"{kind}-{form}")
        for kind, forms in {"block": ONE_BLOCK, "no fence": NO_FENCE, "several": SEVERAL}.items()
        for form, reply in forms.items()
    ],
)
def test_the_program_that_is_meant_is_read_to_the_letter(reply: str) -> None:
    assert parse_code(reply).code == PROGRAM


CHECKS = {
    "reads": READS,
    "reads in main": "import pyarrow.parquet as pq\n\ndef main():\n"
    "    print(pq.read_table('dataset.parquet').num_rows)\n\nmain()\n",
    "reads and reports": "import os\nimport pandas as pd\n\ndef main():\n"
    "    data = pd.read_parquet('dataset.parquet')\n    print(os.environ['SYNTH_YEAR'])\n"
    "    data.describe().to_csv('report.csv')\n\nif __name__ == '__main__':\n    main()\n",
    "runs the program": "import os, subprocess\nimport pandas as pd\n\nfor year in (2023, 2024):\n"
    "    os.environ['SYNTH_YEAR'] = str(year)\n    subprocess.run(['python', 'main.py'])\n"
    "    print(len(pd.read_parquet('dataset.parquet')))\n",
    "imports the program": "import main\n\nmain.main()\n",
    "pytest": "import pytest\nimport pandas as pd\n\ndef test_rows():\n"
    "    assert len(pd.read_parquet('dataset.parquet'))\n",
    "unittest": "import unittest\n\nclass T(unittest.TestCase):\n    def test(self):\n"
    "        self.assertTrue(open('dataset.parquet', 'rb').read())\n\nunittest.main()\n",
    "duckdb": "import duckdb\nprint(duckdb.sql(\"select count(*) from 'dataset.parquet'\"))\n",
    "plots": "import pandas as pd\nimport matplotlib.pyplot as plt\n\n"
    "pd.read_parquet('dataset.parquet').plot()\nplt.savefig('plot.png')\n",
    "calls main": "import os\n\nfor year in (2023, 2024):\n"
    "    os.environ['SYNTH_YEAR'] = str(year)\n    main()\n",
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_script_that_checks_is_not_meant_before_or_after_the_program(check: str) -> None:
    assert parse_code(FENCED + "To check:\n" + fence(check)).code == PROGRAM
    assert parse_code(fence(check) + FENCED).code == PROGRAM


def test_a_program_that_reads_back_what_it_wrote_is_no_check() -> None:
    write = '.to_parquet("dataset.parquet")'
    program = PROGRAM.replace(write, f'{write}\n    pd.read_parquet("dataset.parquet")')

    assert parse_code(fence(program) + fence(READS)).code == program


def with_docstring(text: str) -> str:
    return PROGRAM.replace("A generator.", f"A generator.\n\n{text}\n")


OTHER_PROGRAMS = {
    "a fence in a docstring": with_docstring("```\npython main.py\n```"),
    "a fence with a language": with_docstring("```bash\npython main.py\n```"),
    "an indented fence": PROGRAM.replace(
        "Write a year.", "Write.\n\n    ```\n    x\n    ```\n    "
    ),
    "tildes": with_docstring("~~~\nx\n~~~"),
    "a fence that closes nothing": with_docstring("```"),
    "tags": with_docstring("Use <think> tags, <code> and <error>this</error>."),
    "words of checks": with_docstring("Run by pytest in no subprocess, read by duckdb."),
    "another process": f"import subprocess\n{PROGRAM}",
    "a shebang": f"#!/usr/bin/env python3\n{PROGRAM}",
    "tab stops": PROGRAM.replace("    ", "\t"),
    "main of another name": PROGRAM.replace("main()", "run()"),
    "an asynchronous main": PROGRAM.replace("def main", "async def main"),
    "no guard": PROGRAM[:END] + "main()\n",
    "no call": PROGRAM[:END].rstrip() + "\n",
    "no main": "import pandas as pd\n\npd.DataFrame({'a': [1]}).to_parquet('dataset.parquet')\n",
    "a kit": "from signal_kit import Recorder\n\ndef main():\n    Recorder().write()\n\nmain()\n",
    "a mistake in syntax": PROGRAM.replace("main() ->", "main( ->"),
    "Python 2": PROGRAM.replace("    Machine(", "    print 'x'\n    Machine("),
}


@pytest.mark.parametrize("program", OTHER_PROGRAMS.values(), ids=OTHER_PROGRAMS)
@pytest.mark.parametrize("trailer", ["", SHELL, fence(READS)], ids=["alone", "shell", "check"])
def test_other_programs_are_read_to_the_letter(program: str, trailer: str) -> None:
    assert parse_code(fence(program) + trailer).code == program


@pytest.mark.parametrize("form", ["a fence in a docstring", "tildes", "tags"])
@pytest.mark.parametrize("layout", ["{}", "```python\n{}", "Here:\n\n{}\nDone."])
def test_fences_in_a_docstring_do_no_harm_where_the_block_is_not_closed(
    form: str, layout: str
) -> None:
    program = OTHER_PROGRAMS[form]

    assert parse_code(layout.format(program)).code == program


def test_a_corrected_program_with_a_syntax_error_still_counts_as_the_last() -> None:
    broken = PROGRAM.replace("zeros(", "zeros((")

    assert parse_code(FENCED + fence(broken)).code == broken


CUTS = {
    "inside a line": len(PROGRAM) - 30,
    "after the imports": PROGRAM.index("class"),
    "inside a class": IN_METHOD,
    "before the end": END,
    "before the call": PROGRAM.index("    main()\n"),
    "inside the call": len(PROGRAM) - 2,
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_program_that_is_cut_off_is_asked_for_again(cut: int) -> None:
    with pytest.raises(ReplyError, match="ends inside its code block"):
        parse_code(f"```python\n{PROGRAM[:cut]}")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", "the reply is empty"),
        (" \n\t", "the reply is empty"),
        ("I cannot help with weapons.", "no Python code block.*begins: 'I cannot help"),
        ("I would write it with numpy.", "no Python code block"),
        ("import it yourself:\nimport os\ndef main() is all", "no Python code block"),
        (fence("ls\n", "```bash"), "no Python code block"),
        (fence("select 1\n", "```sql"), "no Python code block"),
        (fence("@@ -1 +1 @@\n-a\n+b\n", "```diff"), "no Python code block"),
        (json.dumps({"code": PROGRAM})[:-40], "no Python code block"),
        (f"<think>\n{FENCED}</think>\nDone.", "no Python code block"),
        (f"<|channel|>analysis<|message|>{FENCED}", "the reply is empty"),
        (fence("x = 1\n"), "is no program"),
        (fence("loop over the minutes\n"), "is no program"),
        (fence("# see above\n"), "is no program"),
        (fence(textwrap.indent(PROGRAM, ">>> ", lambda _line: True)), "is no program"),
        (fence(READS), "writes no dataset"),
        (fence(CHECKS["runs the program"]), "writes no dataset"),
        (fence("x = 1\n" * (MAX_CODE_LENGTH // 5)), f"expected at most {MAX_CODE_LENGTH:,}"),
    ],
)
def test_a_reply_without_a_program_says_what_is_missing(reply: str, why: str) -> None:
    with pytest.raises(ReplyError, match=why):
        parse_code(reply)


@pytest.mark.parametrize("link", [".b", "()", "[0]", " + a"])
def test_a_deeply_nested_program_is_read_without_a_crash(link: str) -> None:
    program = PROGRAM.replace("if __name__", f"if a{link * 900}:\n    pass\nif __name__")

    assert parse_code(fence(program)).code == program


class Litter:
    """Garbage in a cycle: collecting it in the middle of other work lets another thread run."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        time.sleep(0)


def test_replies_are_read_in_several_threads_at_once() -> None:
    """With `ast.parse` this fails on CPython 3.11: python/cpython issue 106905."""
    reply = fence("x = [" + "(1, 2), " * 300 + "]\n" + DRAFT) + FENCED

    def read(_number: int) -> str:
        for _ in range(5):
            Litter()
        return parse_code(reply).code

    with ThreadPoolExecutor(4) as pool:
        codes = set(pool.map(read, range(40)))

    assert codes == {PROGRAM}


fence_pieces = st.lists(
    st.one_of(
        st.sampled_from(["```python\n", "```\n", "~~~py\n", "~~~\n", "  ```\n", '"""\n', "((((\n"]),
        st.sampled_from(["import os\n", "def main():\n    pass\n", "if __name__ == '__main__':\n"]),
        st.sampled_from(["<error>", "</error>", "<think>", "</think>", "\x00", "\r\n", '{"a": "']),
        st.text(max_size=20),
    )
).map("".join)


@settings(deadline=None)  # cores are shared and noisy
@given(fence_pieces)
def test_any_reply_gives_a_program_or_a_reply_error(reply: str) -> None:
    try:
        parsed = parse_code(reply)
    except ReplyError:
        return

    assert parsed.code.strip()
    assert all(error == " ".join(error.split()) and error for error in parsed.reported_errors)


@settings(deadline=None)  # cores are shared and noisy
@given(st.text(st.characters(exclude_characters="\r"), max_size=200))
def test_a_program_with_any_text_in_it_is_read_back(text: str) -> None:
    program = PROGRAM.replace("Machine(int", f"print({text!r})\n    Machine(int")

    assert ast.parse(program)
    assert parse_code(fence(program)).code == program
