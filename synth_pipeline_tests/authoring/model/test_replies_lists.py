"""Forms in which models list machines, and what a careful reader takes from each."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.authoring.model.replies.names import (
    clean_name,
    parse_machine_names,
    spelling_key,
)
from synth_pipeline.domain.errors import ReplyError
from synth_pipeline.domain.machine import MAX_MACHINE_NAME_LENGTH
from synth_pipeline.domain.names import slugify

NAMES = ("Plasma Etcher", "Wafer Saw", "Diffusion Furnace")
P, W, D = NAMES
COUNTED = f"1. {P}\n2. {W}\n3. {D}\n"
FENCED = f"```text\n{COUNTED}```\n"
DRAFT = "1. Robot\n2. Truck\n"


def each(form: str) -> str:
    """Fill `%` with the number and `@` with the name of each machine."""
    return "".join(
        form.replace("%", str(number)).replace("@", name) for number, name in enumerate(NAMES, 1)
    )


MARKED = {
    "in a fence": FENCED,
    "in tildes": f"~~~\n{COUNTED}~~~",
    "in a fence with a name": f"```machines\n{COUNTED}```",
    "in an indented fence": "  ```text\n" + each("  %. @\n") + "  ```",
    "in a fence in a list": "1. The list:\n   ```text\n" + each("   %. @\n") + "   ```",
    "in a quoted fence": "> ```text\n" + each("> %. @\n") + "> ```",
    "in a fence that is not closed": f"```text\n{COUNTED}",
    "beside the fence": f"```{COUNTED}```",
    "in a block of Markdown": f"```markdown\n# Machines\n\n{COUNTED}```",
    "in a fence in a block of Markdown": f"```markdown\n{FENCED}```",
    "with a headline in the fence": f"```text\nMachines of the industry:\n{COUNTED}```",
    "checked in the fence": f"```text\n{COUNTED}CHECKED: NO ERRORS\n```",
    "checked": f"{FENCED}\nCHECKED: NO ERRORS",
    "without a fence": COUNTED,
    "between sentences": f"Sure! Here are 3 machines:\n\n{COUNTED}\nLet me know if you need more.",
    "with blank lines": each("%. @\n\n"),
    "with one number": each("1. @\n"),
    "going on": f"4. {P}\n5. {W}\n6. {D}",
    "flush right": f" 9. {P}\n10. {W}\n11. {D}",
    "brackets": each("%) @\n"),
    "two brackets": each("(%) @\n"),
    "square brackets": each("[%] @\n"),
    "colons": each("%: @\n"),
    "dashes after numbers": each("% - @\n"),
    "numbers alone": each("% @\n"),
    "numbers and tabs": each("%\t@\n"),
    "number signs": each("#% @\n"),
    "wide full stops": each("%\N{FULLWIDTH FULL STOP}@\n"),
    "commas of Chinese": each("%\N{IDEOGRAPHIC COMMA}@\n"),
    "escaped": each("%\\. @\n"),
    "keycaps": each("%\ufe0f\u20e3 @\n"),
    "letters": f"a) {P}\nb) {W}\nc) {D}",
    "letters with full stops": f"A. {P}\nB. {W}\nC. {D}",
    "Roman numbers": f"I. {P}\nII. {W}\nIII. {D}",
    "ordinals": f"1st: {P}\n2nd: {W}\n3rd: {D}",
    "words before numbers": each("Machine %: @\n"),
    "bullets": each("- @\n"),
    "stars": each("* @\n"),
    "dots": each("• @\n"),
    "dots on one line": f"• {P} • {W} • {D}",
    "arrows": each("→ @\n"),
    "pictures": f"🔧 {P}\n⚙️ {W}\n🔥 {D}",
    "boxes": each("- [ ] @\n"),
    "quoted": each("> %. @\n"),
    "LaTeX": "\\begin{enumerate}\n" + each("\\item @\n") + "\\end{enumerate}",
    "a byte-order mark": f"\ufeff{COUNTED}",
    "a byte-order mark in the fence": f"```text\n\ufeff{COUNTED}```",
    "line feeds of Windows": FENCED.replace("\n", "\r\n"),
    "line feeds of old Macs": COUNTED.replace("\n", "\r"),
    "invisible characters": f"\u200b1.\u200b {P}\n2. Wafer\u00a0Saw\n3. {D}",
    "one twice": f"1. {P}\n2. {P.lower()}s\n3. {W}\n4. {D}\n5. Wafer-Saw",
    "an open end": f"{COUNTED}4. ...\n5. And so on...",
    "sources": f"1. {P} [1]\n2. {W} [2]\n3. {D}\n\n[1] Wikipedia\n[2] A standard",
}
EXPLAINED = {
    "bold and a dash": each("%. **@** - It works, all day.\n"),
    "bold and a colon": each("%. **@:** It works.\n"),
    "in brackets": each("%. @ (it works all day long)\n"),
    "on the next line": each("%. @\nIt works all day.\n\n"),
    "indented": each("%. @\n   It works all day.\n\n"),
    "bullets below": each("%. **@**\n   - Temperature\n   - Pressure\n"),
    "bullets below bullets": each("* **@**\n    * Temperature\n    * Pressure\n"),
    "bullets that are not indented": each("%. @\n- It works all day\n"),
    "numbers below": each("%. @\n   1. It works\n   2. It rests\n"),
    "numbers of two levels": each("%. @\n%.1 It works\n"),
    "fields below": each("%. @\n   - Description: it works\n   - Sensors: pressure\n"),
    "lines in bold": each("**@**\nIt works all day.\n\n"),
    "lines that begin in bold": each("**@**: It works all day.\n\n"),
    "headings": each("## @\nIt works all day.\n\n"),
    "counted headings": each("### %. @\n- Works all day\n\n"),
    "headings that count machines": each("## Machine %: @\nIt works.\n\n"),
    "headings with fields": each("**@**\n- Function: works\n- Sensors: pressure\n\n"),
    "headings of groups": f"## Etching\n- {P}\n\n## Dicing and heating\n- {W}\n- {D}\n",
    "groups that are counted": f"## Etching\n1. {P}\n\n## Other\n1. {W}\n2. {D}\n",
}
STRUCTURED = {
    "texts": json.dumps(NAMES),
    "texts in a fence": f"```json\n{json.dumps(NAMES, indent=2)}\n```",
    "texts in a sentence": f"Here you are: {json.dumps(NAMES)}\n\nI hope it helps!",
    "texts in code quotes": f"`{json.dumps(NAMES)}`",
    "texts that are counted": json.dumps([f"{n}. {name}" for n, name in enumerate(NAMES, 1)]),
    "single quotes": f"machines = {list(NAMES)}\nfor machine in machines:\n    print(machine)",
    "a loose comma": "[\n" + each('  "@",\n') + "]",
    "bare words": f"[{P}, {W}, {D}]",
    "objects": json.dumps([{"description": "works", "name": name} for name in NAMES]),
    "objects, one a line": "".join(json.dumps({"name": name}) + "\n" for name in NAMES),
    "a key": json.dumps({"industry": "chips", "machines": NAMES}),
    "a key with objects": json.dumps({"machines": [{"id": 1, "machine": n} for n in NAMES]}),
    "keys in keys": json.dumps({"industry": {"name": "Chips", "machines": NAMES}}),
    "a call": json.dumps({"tool": "list_machines", "arguments": {"machines": NAMES}}),
    "sensors first": json.dumps({"sensors": ["pressure"], "machines": NAMES}),
    "numbers as keys": json.dumps(dict(enumerate(NAMES, 1))),
    "counted keys": json.dumps({f"machine_{n}": name for n, name in enumerate(NAMES, 1)}),
    "groups": json.dumps({"etching": [P], "other": [W, D]}),
    "names as keys": json.dumps({name: {"description": "works"} for name in NAMES}),
    "YAML": "```yaml\n---\nmachines:\n" + each("  - @\n") + "```",
    "YAML with remarks": "machines:\n" + each("  - @  # works\n"),
    "YAML maps": "```yaml\n" + each('- name: "@"\n  description: works\n') + "```",
    "YAML maps, name last": each("- description: works\n  name: @\n"),
    "YAML maps with lists": each("- name: @\n  sensors:\n    - name: Pressure\n"),
    "YAML on one line": f"machines: [{P}, {W}, {D}]",
    "YAML with explanations": "```yaml\n" + each("@: it works\n") + "```",
    "TOML": "```toml\n" + each('[[machines]]\nname = "@"\n') + "```",
    "records": each("Name: @\nDescription: It works\n\n"),
    "records in a list": each("%. **Name:** @\n   **Description:** it works\n"),
    "CSV": "```csv\nid,name,description\n" + each('%,@,"works, daily"\n') + "```",
    "CSV without a fence": "Here is it:\n\nname,description\n" + each("@,works\n"),
    "CSV of one column": "```csv\nmachine\n" + each("@\n") + "```",
    "CSV of one row": f"```csv\n{P},{W},{D}\n```",
    "CSV with semicolons": "name;description\n" + each("@;works\n"),
    "CSV with tabs": "name\tdescription\n" + each("@\tworks\n"),
    "CSV with an empty column": "name,description,\n" + each("@,works,\n"),
    "a table": "| Machine | Description |\n|---|---|\n" + each("| @ | Works |\n"),
    "a table with numbers": "| # | **Machine Type** |\n|--|:-:|\n" + each("| % | **@** |\n"),
    "a table, name last": "| Sensors | Machine |\n|---|---|\n" + each("| speed | @ |\n"),
    "a table, other words": "| Typical Machine | What it does |\n|--|--|\n" + each("| @ | It |\n"),
    "a table without borders": "Machine | Purpose\n--- | ---\n" + each("@ | Works\n"),
    "a table in a fence": "```\n| Name |\n|---|\n" + each("| @ |\n") + "```",
    "a table and words": "| Name |\n|---|\n" + each("| @ |\n") + "These are typical.\n\n- a note",
    "HTML": "<ol>\n" + each("<li>@</li>\n") + "</ol>",
    "HTML in a fence": "```html\n<ul>" + each("<li><b>@</b> - works</li>") + "</ul>\n```",
    "HTML lists in lists": "<ul>" + each("<li><p>@</p><ul><li>heat</li></ul></li>") + "</ul>",
    "HTML with breaks": "<br>".join(NAMES),
    "an HTML table": "<table><tr><th>Machine</th><th>Use</th></tr>"
    + each("<tr><td>@</td><td>x</td></tr>")
    + "</table>",
    "XML": "<machines>\n" + each("<machine>@</machine>\n") + "</machines>",
    "XML records": each("<machine><name>@</name><description>works</description></machine>\n"),
    "XML items": "<list>" + each("<item>@</item>") + "</list>",
}
UNMARKED = {
    "lines": "\n".join(NAMES),
    "lines in a fence": "```\n" + each("@\n") + "```",
    "lines between sentences": "The machines:\n\n" + each("@  \n") + "\nI hope that this helps!",
    "lines with commas": f"{P},\n{W},\n{D}",
    "lines in quotes": each('"@",\n'),
    "commas": f"{P}, {W}, {D}",
    "commas and a word": f"Machines: {P}, {W}, and {D}.",
    "commas between sentences": f"Here they are:\n\n{P}, {W}, {D}\n\nDo you want more of them?",
    "commas above a sentence": f"Here they are:\n{P}, {W}, {D}\nTell me if you need more of them.",
    "commas in a fence": f"```\n{P}, {W}, {D}\n```",
    "code quotes": f"`{P}`, `{W}`, `{D}`",
    "semicolons": f"{P}; {W}; {D}",
    "counted on one line": f"1. {P} 2. {W} 3. {D}",
    "counted with commas": f"1. {P}, 2. {W}, 3. {D}",
    "counted with brackets": f"(1) {P}; (2) {W}; (3) {D}",
    "counted from the middle of a line": f"Final answer: {COUNTED}",
}
SEVERAL = {
    "thoughts": f"<think>\n{DRAFT}</think>\n{COUNTED}",
    "thoughts with a fence": f"<reasoning>\n```\n{DRAFT}```\n</reasoning>\n{FENCED}",
    "thoughts of which only the end is marked": f"Perhaps\n{DRAFT}</think>\n{COUNTED}",
    "thoughts of other models": f"<seed:think>\n{DRAFT}</seed:think>\n{COUNTED}",
    "thoughts between brackets": f"[THINK]\n{DRAFT}[/THINK]\n{COUNTED}",
    "thoughts between bars": f"<|think|>\n{DRAFT}<|/think|>\n{COUNTED}",
    "channels": f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant"
    f"<|channel|>final<|message|>{COUNTED}",
    "an answer in tags": f"{DRAFT}\n<answer>\n{COUNTED}</answer>",
    "a draft": f"Draft:\n{DRAFT}\nHere is the list:\n{COUNTED}",
    "a draft in a fence": f"Draft:\n```\n{DRAFT}```\nFinal list:\n{FENCED}",
    "a corrected list": f"{DRAFT}\nThat repeats one. The corrected list:\n{COUNTED}",
    "a list that is repeated": f"```\n1. {P}\n2. {W}\n```\nNow complete:\n{FENCED}",
    "bullets before a fence": f"Candidates:\n- Robot\n- Truck\n\n{FENCED}",
    "thoughts below a heading": f"## Thinking\n{DRAFT}\n## Answer\n{COUNTED}",
    "others instead": f"```\n{DRAFT}```\nThose exist already. Instead:\n{FENCED}",
    "reasons": f"I considered:\n1. uptime\n2. wear\n\nThe machines:\n{COUNTED}",
    "two fences": f"```\n1. {P}\n2. {W}\n```\nand\n```\n3. {D}\n```",
    "a check in a fence": f"{COUNTED}\n```\nCHECKED: NO ERRORS\n```",
    "a group called final": f"## Etching\n- {P}\n\n## Final Dicing\n- {W}\n- {D}\n",
    "groups": f"Etching:\n```\n1. {P}\n```\nOther:\n```\n1. {W}\n2. {D}\n```",
    "known ones": f"These exist already:\n```\n{DRAFT}```\nNew machines:\n{FENCED}",
    "rejected ones": f"{COUNTED}\nAlternatives I rejected:\n- Robot\n- Truck",
    "notes": f"{COUNTED}\nNotes:\n- All are typical\n- Sensors are included",
    "notes that are counted": f"{COUNTED}\n**Notes**\n1. All are typical\n2. They have sensors",
}


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(reply, id=f"{kind}-{form}")
        for kind, forms in {
            "marked": MARKED,
            "explained": EXPLAINED,
            "structured": STRUCTURED,
            "unmarked": UNMARKED,
            "several": SEVERAL,
        }.items()
        for form, reply in forms.items()
    ],
)
def test_the_machines_of_a_list_are_read(reply: str) -> None:
    assert parse_machine_names(reply, 9) == NAMES


NO_LISTS = {
    "nothing": "",
    "an empty fence": "```text\n```",
    "an empty array": "[]",
    "an announcement": "Here are the machines:",
    "a sentence": "The industry uses many machines such as etchers.",
    "two names": f"{P}, {W}",
    "sentences": "1. The plasma etcher is used to remove material.\n2. The saw is used for dicing.",
    "excuses": "```\n1. Sorry about this reply\n2. Please ask me something else\n```",
    "a cell without end": f'name,description\n"{"x" * 140_000}',
    "thanks": "Thank you!\nGoodbye!",
    "instructions": "Open the panel\nPress start\nWait five minutes",
    "a plan": "To build the list I will:\n\n1. Identify the processes\n2. Verify each name",
    "a question": f"Which of them do you mean?\n\n1. {P}\n2. {W}",
    "questions": "Could you tell me more?\n1. Which country?\n2. Which size of plant?",
    "offers": "I can do one of the following:\n1. List etchers\n2. List saws",
    "the form of the question": "```text\n1. first name\n2. second name\n```",
    "placeholders": "1. Machine 1\n2. Machine 2",
    "thoughts alone": f"<think>\n{DRAFT}",
    "thoughts in a channel": f"<|channel|>analysis<|message|>{DRAFT}",
    "fields": "```\n- description\n- name\n- sensors\n```",
    "a schema": "```yaml\nname: string\ndescription: string\n```",
    "a JSON schema": '{"type": "object", "properties": {"name": {"type": "string"}}}',
    "records without names": "- description: etches\n- description: saws\n",
    "objects without names": '[{"description": "etches"}, {"description": "saws"}]',
    "a table without names": "| # | Description |\n|---|---|\n| 1 | Etches |\n| 2 | Saws |",
    "CSV without names": "```csv\nid,description\n1,Etches wafers\n2,Saws wafers\n```",
    "sensors": "## Etcher\n- Chamber Pressure\n- RF Power\n\n## Saw\n- Spindle Speed\n",
    "cut-off texts": '```json\n[\n  "Plasma Etcher",\n  "Wafer Saw",\n  "Diff',
    "a cut-off array in a closed fence": '```json\n["Plasma Etcher", "Wafer Saw"\n```\nDone.',
    "cut-off objects": '[\n  {\n    "name": "Plasma Etcher"\n  },\n  {\n    "name": "Waf',
    "a cut-off key": '{"machines": [\n"Plasma Etcher",\n"Wafer Saw",\n',
    "a command": "```bash\nls\n```",
    "a class": "```python\nclass Machine:\n    name: str\n    description: str\n```",
    "an error": '{"error": {"code": 429, "message": "too many requests"}}',
    "a page": "<html><body><ul><li>Service Unavailable</li><li>Try later</li></ul></body></html>",
}
TWO_READINGS = {
    "CSV without a head": f"```csv\n{P},Etches wafers\n{W},Saws wafers\n```",
    "CSV without names and notes": "```csv\nid,description\n1,a\n```\n\n- One Note\n- Two Notes",
    "rows": json.dumps([[P, "etches"], [W, "saws"]]),
    "values or keys": json.dumps({"Etching": P, "Dicing": W}),
    "lists of sensors or machines": json.dumps({P: ["RF Power"], W: ["Spindle Speed"]}),
    "a table of groups": f"| Etching | Dicing |\n|---|---|\n| {P} | {W} |\n| Asher | Grinder |",
    "a table with an example": f"| Category | Example |\n|---|---|\n| Etching | {P} |",
    "a table of lists": f"| Area | Machines |\n|--|--|\n| A | {P}, Asher |\n| B | {W}, Mill |",
    "groups or machines": f"- Etching equipment:\n  - {P}\n- Dicing equipment:\n  - {W}\n",
    "numbers of two levels": f"1. Etching\n1.1 {P}\n2. Dicing\n2.1 {W}",
    "aligned columns": f"Machine            Purpose\n{P}      Etching\n{W}          Dicing",
    "codes": f"M1: {P}\nM2: {W}",
}


@pytest.mark.parametrize("form", [*NO_LISTS, *TWO_READINGS])
def test_what_is_no_list_or_has_two_readings_is_asked_for_again(form: str) -> None:
    with pytest.raises(ReplyError, match="holds no list of machines"):
        parse_machine_names({**NO_LISTS, **TWO_READINGS}[form], 9)


@pytest.mark.parametrize(
    "refusal",
    [
        "I can't help with that.",
        "I\N{RIGHT SINGLE QUOTATION MARK}m sorry, but I cannot assist with that request.",
        "I am unable to provide a list of such equipment. Some alternatives:",
        "I won't help with weapons. Here are safer options:",
        "Sorry, I'm not able to do that. Here is what I can do:",
        "I must decline this request.",
        "I'd rather not answer that.",
        "I don't think I can help with this one.",
        "As an AI language model, I don't have access to plants.",
        "Unable to comply.",
        "That's not something I can help with.",
        "It would be inappropriate for me to provide this.",
        "This request goes against my guidelines.",
        "This request violates our usage policy.",
        "Request denied.",
        "Your request was blocked by our content filter.",
        "Sorry, the model cannot answer this question.",
        "Sorry - this model is unable to respond to this request.",
        "The response was filtered due to the prompt triggering content management policy.",
        "Blocked by guardrail.",
        "Lo siento, no puedo ayudar con eso.",
    ],
)
@pytest.mark.parametrize("layout", ["{}\n{}", "{} {}", "{}\n```text\n{}```", "```\n{}\n{}```"])
def test_whatever_a_refusal_lists_is_no_machine(refusal: str, layout: str) -> None:
    with pytest.raises(ReplyError, match="it refuses"):
        parse_machine_names(layout.format(refusal, COUNTED), 9)


@pytest.mark.parametrize(
    "reply",
    [
        f"{COUNTED}\nActually, I can't help with that.",
        json.dumps({"refusal": "I cannot help with that.", "machines": NAMES}),
        "```text\n1. I cannot help with that request.\n2. Please ask something else.\n```",
    ],
)
def test_a_refusal_after_a_list_or_inside_counts_too(reply: str) -> None:
    with pytest.raises(ReplyError, match="it refuses"):
        parse_machine_names(reply, 9)


@pytest.mark.parametrize(
    "remark",
    [
        "I can't list every machine, but here are the most typical:",
        "I cannot guarantee that this is complete.",
        "I can't know your plant, but these are typical:",
        "Since I cannot see the plant, here are typical machines:",
        "I've left out machines that can't be logged every minute:",
        "Note that some of these cannot run without cooling.",
        "Sorry for the confusion. Here is the corrected list:",
        "No problem, I can help with that:",
    ],
)
def test_a_remark_on_what_cannot_be_done_is_no_refusal(remark: str) -> None:
    assert parse_machine_names(f"{remark}\n{COUNTED}", 9) == NAMES


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("**Plasma Etcher** removes material", "Plasma Etcher"),
        ("__Plasma Etcher__", "Plasma Etcher"),
        ("*Plasma Etcher*", "Plasma Etcher"),
        ("[Plasma Etcher](https://example.org/etcher)", "Plasma Etcher"),
        ("Plasma Etcher \N{EN DASH} removes material", "Plasma Etcher"),
        ("Plasma Etcher—removes material", "Plasma Etcher"),
        ("Plasma Etcher, which removes material", "Plasma Etcher"),
        ("Plasma Etcher (ICP)", "Plasma Etcher (ICP)"),
        ('"Plasma Etcher".', "Plasma Etcher"),
        ("Plasma\tEtcher", "Plasma Etcher"),
        ("Plasma\x07 Etcher", "Plasma Etcher"),
        ("CO2 Laser Cutter", "CO2 Laser Cutter"),
        ("5-Axis Milling Machine", "5-Axis Milling Machine"),
        ("300 mm Wafer Saw", "300 mm Wafer Saw"),
        ("Pick-and-Place Machine", "Pick-and-Place Machine"),
        ("Pick/Place Machine", "Pick/Place Machine"),
        ("Pump, centrifugal", "Pump, centrifugal"),
        ("Cut &amp; Fold Machine", "Cut & Fold Machine"),
        ("Can Seamer", "Can Seamer"),
        ("Check Weigher", "Check Weigher"),
    ],
)
def test_an_item_gives_its_name_without_mark_up_and_explanation(item: str, name: str) -> None:
    assert parse_machine_names(f"Here you are:\n\n1. {item}\n2. {W}\n", 2) == (name, W)


@pytest.mark.parametrize(
    "item",
    [
        "../../etc/passwd",
        "..\\windows",
        "/etc/passwd",
        "C:/Windows",
        "~/secrets",
        "...",
        "---",
        "42",
        "刻蚀机",
        "\x00\x01",
    ],
)
def test_what_is_no_usable_name_is_left_out(item: str) -> None:
    assert parse_machine_names(f"```\n1. {item}\n2. Plasma Etcher\n```", 5) == ("Plasma Etcher",)


def test_known_machines_are_left_out_in_any_spelling() -> None:
    assert parse_machine_names(COUNTED, 5, known=["plasma-etchers", "WAFER SAW"]) == (D,)


def test_a_list_of_known_machines_is_no_error() -> None:
    assert parse_machine_names(COUNTED, 5, known=NAMES) == ()


def test_more_names_than_asked_for_are_cut_at_the_first() -> None:
    assert parse_machine_names(COUNTED, 2) == (P, W)


def test_a_name_of_200_characters_is_cut_at_a_word() -> None:
    (name,) = parse_machine_names(f"1. {'Very Long Etcher ' * 12}", 1)

    assert len(name) <= MAX_MACHINE_NAME_LENGTH
    assert name.endswith(("Very", "Long", "Etcher"))


@pytest.mark.parametrize("reply", ["", "   \n", "I was not asked.", "Plasma Etcher, Saw"])
def test_the_error_shows_how_the_reply_begins(reply: str) -> None:
    with pytest.raises(ReplyError, match=re.escape(repr(" ".join(reply.split())))):
        parse_machine_names(reply, 3)


pieces = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["1. ", "2) ", "- ", "* **", "", "> 3. ", "```", "~~~\n", "| ", "[", '{"']),
        st.text(max_size=30),
        st.sampled_from(["", " - x", ": y", "**", "\n```", " |", "]", '"}', "</li>", "?"]),
    )
).map("\n".join)


@settings(deadline=None)  # cores are shared and noisy
@given(st.one_of(st.text(), pieces), st.integers(1, 20), st.lists(st.text(), max_size=3))
def test_any_reply_gives_at_most_the_limit_of_different_names_or_a_reply_error(
    reply: str, limit: int, known: list[str]
) -> None:
    try:
        names = parse_machine_names(reply, limit, known)
    except ReplyError:
        return

    assert len(names) <= limit
    assert len({spelling_key(name) for name in names}) == len(names)
    assert all(name.isprintable() and len(name) <= MAX_MACHINE_NAME_LENGTH for name in names)
    assert all(slugify(name) and clean_name(name) == name for name in names)


words = st.text("bcdefghijklmnopqrtuvwxyzBCDE", min_size=3, max_size=12)
machine_names = st.lists(
    st.lists(words, min_size=2, max_size=4).map(lambda each: " ".join([*each, "mill"])),
    unique_by=spelling_key,
    min_size=1,
)


@settings(deadline=None)  # cores are shared and noisy
@given(machine_names)
def test_a_list_that_was_written_is_read_back(names: list[str]) -> None:
    lines = "\n".join(f"{number}. {name}" for number, name in enumerate(names, 1))

    assert parse_machine_names(f"```text\n{lines}\n```", len(names)) == tuple(names)
