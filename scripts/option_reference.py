"""Writes the defaults and the option reference of configs/ from the output of the program; see option_reference.sh."""

import argparse
import json
import pathlib
import re
import subprocess
import sys

BEGIN = "<!-- begin: written by scripts/option_reference.sh -->"
END = "<!-- end -->"
LINE = re.compile(r"^(?P<indent> *)(?P<item>- )?(?P<key>\w+):(?P<value>.*?)(?: +# (?P<meaning>.*))?$")


def read_defaults(text):
    """Yields (key path, default, meaning) for each line of `unet config --defaults`; a section has no default."""
    path = []
    for line in text.splitlines():
        match = LINE.match(line)
        if not match:
            raise ValueError(f"unet config --defaults: cannot read the line {line!r}")
        indent = len(match["indent"] + (match["item"] or ""))
        path = [(each, key) for each, key in path if each < indent] + [(indent, match["key"])]
        yield ".".join(key for _, key in path), match["value"].strip(), match["meaning"] or ""


def find(schema, path):
    """Returns the schema of a key path, or None."""
    for key in path.split("."):
        schema = schema.get("properties", {}).get(key)
        if schema is None:
            return None
    return schema


def choices(schema):
    """Returns the alternatives of an option that is chosen by name, as (name key, name, schema)."""
    alternatives = schema.get("anyOf", []) or schema.get("items", {}).get("anyOf", [])
    return [
        (key, value["const"], alternative)
        for alternative in alternatives
        for key, value in alternative.get("properties", {}).items()
        if "const" in value
    ]


def bounds(schema):
    """Returns the range of a number, e.g. "from 0 to 1", or nothing."""
    low, high = schema.get("minimum"), schema.get("maximum")
    for each in [schema.get("items", {}), *schema.get("anyOf", [])]:
        low = each.get("minimum", low)
        high = each.get("maximum", high)
    if "exclusiveMinimum" in schema:
        return f"above {schema['exclusiveMinimum']:g}"
    if low is None and high is None:
        return ""
    number = "{:.10g}".format
    return f"at least {number(low)}" if high is None else f"from {number(low)} to {number(high)}"


def as_text(value):
    return json.dumps(value) if not isinstance(value, str) else value


def row(*cells):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def choice_table(path, schema):
    """Returns the options of each alternative, a line each."""
    lines = ["", f"`{path}`, chosen by name:", "", "| name | option | default | meaning |", "|---|---|---|---|"]
    for name_key, name, alternative in choices(schema):
        lines.append(row(f"`{name}`", "", "", alternative.get("description", "")))
        for key, option in alternative["properties"].items():
            if key == name_key:
                continue
            limits = bounds(option)
            meaning = option.get("description", "") + (f" ({limits})" if limits else "")
            default = f"`{as_text(option['default'])}`" if "default" in option else ""
            lines.append(row("", f"`{key}`", default, meaning))
    return lines


def reference(defaults, schema):
    """Returns a table for each section, followed by the tables of its options that are chosen by name."""
    lines, pending = [], []
    rows = list(read_defaults(defaults))
    chosen = None
    for path, default, meaning in rows:
        if chosen and path.startswith(chosen + "."):
            continue
        chosen = None
        option = find(schema, path) or {}
        if "." not in path:
            lines += [*pending, "", f"### {path}: {meaning}", "", "| option | default | meaning |", "|---|---|---|"]
            pending = []
        elif choices(option):
            chosen = path
            pending += choice_table(path, option)
            name_path = f"{path}.{choices(option)[0][0]}"
            names = ", ".join(f"`{value}`" for key, value, _ in rows if key == name_path)
            lines.append(row(f"`{path}`", names, meaning + "; see the table below"))
        elif default:
            lines.append(row(f"`{path}`", f"`{default}`", meaning))
        else:
            lines.append(row(f"`{path}`", "", meaning))
    return "\n".join([*lines, *pending]).strip("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--configs", type=pathlib.Path, required=True)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if a file is out of date")
    arguments = parser.parse_args()

    def config(flag):
        return subprocess.run([arguments.program, "config", flag], check=True, capture_output=True, text=True).stdout

    defaults = config("--defaults")
    preset, page = arguments.configs / "default.yaml", arguments.configs / "README.md"
    heading = preset.read_text().split("\n", 1)[0]
    before, rest = page.read_text().split(BEGIN)
    after = rest.split(END, 1)[1]
    tables = reference(defaults, json.loads(config("--schema")))
    texts = {preset: f"{heading}\n{defaults}", page: f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"}
    outdated = [path for path, text in texts.items() if path.read_text() != text]
    for path in outdated:
        if not arguments.check:
            path.write_text(texts[path])
        print(f"option_reference: {'out of date' if arguments.check else 'written'}: {path}", file=sys.stderr)
    if arguments.check and outdated:
        sys.exit("option_reference: to update: scripts/option_reference.sh")


if __name__ == "__main__":
    main()
