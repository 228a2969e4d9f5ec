"""Forms in which models answer, and what a careful reader would take from each."""

import json

import pytest

from synth_pipeline.authoring.model.replies.code import parse_code
from synth_pipeline.authoring.model.replies.names import parse_machine_names
from synth_pipeline.domain.errors import ReplyError

NAMES = ("Plasma Etcher", "Diffusion Furnace", "Wafer Stepper")
E, F, S = NAMES

LISTS = {
    "numbered": f"1. {E}\n2. {F}\n3. {S}",
    "numbered with brackets": f"1) {E}\n2) {F}\n3) {S}",
    "bullets": f"- {E}\n- {F}\n- {S}",
    "stars": f"Sure:\n\n* {E}\n* {F}\n* {S}\n\nTell me if you need more.",
    "fenced": f"```\n1. {E}\n2. {F}\n3. {S}\n```",
    "fence named list": f"```list\n{E}\n{F}\n{S}\n```",
    "bold with a dash": f"1. **{E}** - etches\n2. **{F}** \N{EN DASH} heats\n3. **{S}** — exposes",
    "bold with a colon": f"1. **{E}:** etches\n2. **{F}**: heats\n3. **{S}** exposes",
    "details below": "".join(f"{n}. **{x}**\n   - Purpose: it works\n   - Sensors: many\n"
                             for n, x in enumerate(NAMES, 1)),
    "headings": "".join(f"### {n}. {x}\nIt works all day.\n\n" for n, x in enumerate(NAMES, 1)),
    "table": "| # | Machine | Description |\n|---|---|---|\n"
             + "".join(f"| {n} | {x} | It works |\n" for n, x in enumerate(NAMES, 1)),
    "table, name second": "| Description | Machine name |\n|---|---|\n"
                          + "".join(f"| It works | {x} |\n" for x in NAMES),
    "json texts": json.dumps(list(NAMES)),
    "json texts in a fence": f"```json\n{json.dumps(list(NAMES), indent=2)}\n```",
    "json objects": json.dumps([{"id": n, "name": x, "description": "It works"}
                                for n, x in enumerate(NAMES, 1)]),
    "json below a key": json.dumps({"industry": "chips", "machines": list(NAMES)}),
    "json objects below a key": json.dumps({"machines": [{"machine_name": x, "category": "front"}
                                                         for x in NAMES]}, indent=1),
    "json lines": "\n".join(json.dumps({"name": x}) for x in NAMES),
    "python list": f"machines = {list(NAMES)!r}",
    "yaml": f"```yaml\nmachines:\n  - {E}\n  - {F}\n  - {S}\n```",
    "yaml maps": "```yaml\n" + "".join(f"- name: {x}\n  description: works\n" for x in NAMES)
                 + "```",
    "csv": "```csv\nid,name,description\n"
           + "".join(f'{n},{x},"works, daily"\n' for n, x in enumerate(NAMES, 1)) + "```",
    "csv without a fence": f"name,description\n{E},etches\n{F},heats\n{S},exposes\n",
    "one line": f"{E}, {F}, {S}",
    "one line with words": f"The machines are: {E}, {F} and {S}.",
    "one-line array in prose": f'Here you are: ["{E}", "{F}", "{S}"]',
    "numbered on one line": f"1. {E} 2. {F} 3. {S}",
    "html": f"<ol>\n<li>{E}</li>\n<li>{F}</li>\n<li>{S}</li>\n</ol>",
    "byte-order mark": f"\ufeff1. {E}\n2. {F}\n3. {S}",
    "line feeds of Windows": f"1. {E}\r\n2. {F}\r\n3. {S}\r\n",
    "a draft in thoughts": f"<think>\n1. Toaster\n2. Kettle\n3. Oven\n</think>\n"
                           f"1. {E}\n2. {F}\n3. {S}",
    "a final list after a draft": f"Draft:\n\n1. Toaster\n2. {F}\n\nFinal list:\n\n"
                                  f"1. {E}\n2. {F}\n3. {S}",
    "twice the same": f"1. {E}\n2. {E.lower()}\n3. {F}\n4. {S}",
    "code quotes": f"1. `{E}`\n2. `{F}`\n3. `{S}`",
    "a blank line each": f"1. {E}\n\n2. {F}\n\n3. {S}\n",
    "checked": f"```\n1. {E}\n2. {F}\n3. {S}\n```\n\nCHECKED: NO ERRORS",
}  # fmt: skip


@pytest.mark.parametrize("form", LISTS)
def test_a_list_is_read_or_asked_for_again(form: str) -> None:
    try:
        found = parse_machine_names(LISTS[form], 3)
    except ReplyError:
        assert form in ASKED_AGAIN
        return

    assert tuple(found) == NAMES
    assert form not in ASKED_AGAIN


ASKED_AGAIN: frozenset[str] = frozenset()
NO_LISTS = {
    "empty": "",
    "refusal": "I can't help with that.",
    "refusal with reasons": "I cannot list these machines because:\n\n1. It may be unsafe\n"
                            "2. It is against policy\n3. I lack information",
    "question": "Which part of the industry do you mean?\n\n- front end\n- back end",
    "torn json": '```json\n[{"name": "Plasma Etcher", "description": "etc',
    "keys alone": '{"description": "works", "unit": "kW", "note": "many"}',
    "a schema": "```yaml\nname: string\ndescription: string\ncategory: string\n```",
    "an error": '{"error": {"code": 429, "message": "too many requests"}}',
    "a page": "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
    "steps": "To build the list I will:\n\n1. Identify the processes\n2. Gather the machines\n"
             "3. Verify each name",
}  # fmt: skip


@pytest.mark.parametrize("form", NO_LISTS)
def test_what_is_no_list_gives_no_machines(form: str) -> None:
    with pytest.raises(ReplyError):
        parse_machine_names(NO_LISTS[form], 3)


PROGRAM = '''\
"""A generator."""
import os
import numpy as np
import pandas as pd


def main():
    """Write a year."""
    year = int(os.environ["SYNTH_YEAR"])
    times = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:59", freq="min")
    pd.DataFrame({"Timestamp": times, "power_kw": np.zeros(len(times))}).to_csv("dataset.csv")


if __name__ == "__main__":
    main()
'''
OTHER = PROGRAM.replace("A generator", "A corrected generator")
FENCED = f"```python\n{PROGRAM}```\n"
CHECK = """\
import pandas as pd

df = pd.read_csv("dataset.csv")
assert len(df) in (525_600, 527_040), len(df)
print("ok")
"""
RUNS_IT = "import subprocess\n\nsubprocess.run(['python', 'main.py'], check=True)\nprint('ok')\n"
HALF = PROGRAM.index("def main")
CODES = {
    "python": FENCED,
    "py": f"```py\n{PROGRAM}```",
    "Python3": f"Here it is.\n\n```Python3\n{PROGRAM}```\n\nIt works.",
    "tildes": f"~~~python\n{PROGRAM}~~~",
    "no language": f"```\n{PROGRAM}```",
    "a file's name": f"```main.py\n{PROGRAM}```",
    "language and file": f"```python main.py\n{PROGRAM}```",
    "language, title": f'```python title="main.py"\n{PROGRAM}```',
    "text": f"```text\n{PROGRAM}```",
    "name above": f"**main.py**\n\n{FENCED}",
    "no fence": PROGRAM,
    "no fence in prose": f"Here is the program:\n\n{PROGRAM}\nIt writes one file.",
    "indented": "The program:\n\n" + "".join(f"    {line}\n" if line else "\n"
                                              for line in PROGRAM.split("\n")),
    "in a list": "1. Save this:\n\n" + "".join(f"   {line}\n" for line in FENCED.split("\n")),
    "not closed": f"```python\n{PROGRAM}",
    "byte-order mark": f"\ufeff{FENCED}",
    "byte-order mark in the fence": f"```python\n\ufeff{PROGRAM}```",
    "line feeds of Windows": FENCED.replace("\n", "\r\n"),
    "install first": f"```bash\npip install pandas\n```\n\n{FENCED}",
    "check after": f"{FENCED}\nTo check it:\n\n```python\n{CHECK}```\n",
    "run after": f"{FENCED}\n```python\n{RUNS_IT}```\n",
    "usage after": f"{FENCED}\n```bash\nSYNTH_YEAR=2024 python main.py\n```\n",
    "output after": f"{FENCED}\n```\nTimestamp,power_kw\n2024-01-01,0\n```\n",
    "snippet before": f"The idea:\n\n```python\nx = np.zeros(10)\n```\n\n{FENCED}",
    "a draft in thoughts": f"<thinking>\n```python\n{OTHER}```\n</thinking>\n{FENCED}",
    "thoughts without fence": f"<reasoning>main() must write.</reasoning>\n\n{FENCED}",
    "no errors": f"{FENCED}\nCHECKED: NO ERRORS",
    "empty error tag": f"{FENCED}\n<error></error>",
    "two halves": f"Part 1:\n\n```python\n{PROGRAM[:HALF]}```\n\nPart 2:\n\n"
                  f"```python\n{PROGRAM[HALF:]}```",
    "json": json.dumps({"code": PROGRAM}),
    "json in a fence": f"```json\n{json.dumps({'filename': 'main.py', 'code': PROGRAM})}\n```",
    "tags": f"<code>\n{PROGRAM}</code>",
    "fence in tags": f"<answer>\n{FENCED}</answer>",
    "quoted": "".join(f"> {line}\n" for line in FENCED.split("\n")),
}  # fmt: skip


@pytest.mark.parametrize("form", CODES)
def test_the_program_is_read(form: str) -> None:
    read = parse_code(CODES[form])

    assert read.code.strip().splitlines() == PROGRAM.strip().splitlines()
    assert read.reported_errors == ()


@pytest.mark.parametrize(
    "reply",
    [
        f"```python\n{PROGRAM}```\n\nThat has a mistake. Corrected:\n\n```python\n{OTHER}```",
        f"<error>The first version was wrong.</error>\n\n```python\n{OTHER}```",
        f"```python\n{OTHER}```\n\nThis replaces:\n\n```python\n{CHECK}```",
    ],
)
def test_the_corrected_program_is_meant(reply: str) -> None:
    assert "A corrected generator" in parse_code(reply).code


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I can't help with that.",
        "I would write it with numpy and pandas.",
        f"```python\n{CHECK}```",
        "```bash\npip install pandas\n```",
        f"```python\n{PROGRAM[: len(PROGRAM) // 2]}",
    ],
    ids=["empty", "refusal", "plan", "check alone", "shell alone", "cut off"],
)
def test_what_holds_no_program_is_asked_for_again(reply: str) -> None:
    with pytest.raises(ReplyError):
        parse_code(reply)
