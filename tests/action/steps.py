"""Runs the steps of action.yml as a runner would, against the reference handler: right, with a fault, and with nobody there.

    steps.py REPOSITORY ACGW
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT, ACGW = map(Path, sys.argv[1:])
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
# A partner that the reference handler knows.
IDENTITY, SECRETS = "alpha", '{"password":"correct-horse-battery"}'


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def value_of(expression, inputs):
    """The expressions that action.yml uses, and no others."""
    kind, _, name = expression.strip().partition(".")
    if kind != "inputs":
        raise SystemExit(f"this test does not know the expression {expression!r}")
    return inputs.get(name, ACTION["inputs"][name].get("default", ""))


def filled(text, inputs):
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: value_of(found[1], inputs), text)


def run(**given):
    """What the steps that are scripts leave behind: exit code, outputs, summary, reports."""
    work = Path(tempfile.mkdtemp())
    (work / "acgw/bin").mkdir(parents=True)
    (work / "acgw/bin/acgw").symlink_to(ACGW)
    inputs = {name.replace("_", "-"): value for name, value in given.items()}
    inputs["reports"] = str(work / "a folder with spaces")
    unknown = inputs.keys() - ACTION["inputs"].keys()
    assert not unknown, f"action.yml has no input {unknown}"
    files = {name: work / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    code = 0
    for step in ACTION["runs"]["steps"]:
        if "run" not in step:
            continue
        script = work / "script"
        # An expression in a script would be code.
        assert "${{" not in step["run"], step["name"]
        script.write_text(step["run"])
        environment = {
            **os.environ,
            "RUNNER_TEMP": str(work),
            "GITHUB_ACTION_PATH": str(ROOT),
            **{name: str(path) for name, path in files.items()},
            **{name: filled(text, inputs) for name, text in step.get("env", {}).items()},
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            env=environment,
            cwd=work,
            capture_output=True,
            text=True,
        )
        code = done.returncode
        if code:
            break
    read = {name: path.read_text() if path.exists() else "" for name, path in files.items()}
    reports = sorted(path.name for path in Path(inputs["reports"]).glob("*"))
    outputs = dict(line.split("=", 1) for line in read["GITHUB_OUTPUT"].splitlines())
    assert re.fullmatch("[0-9a-f]{64}", outputs["sum"]), outputs
    return code, outputs.get("exit-code"), read["GITHUB_STEP_SUMMARY"], reports, work, done


def against(fault):
    """The steps against the reference handler as it is served."""
    port, keys = free_port(), free_port()
    command = [ACGW, "serve", "--listen", f"127.0.0.1:{port}", "--jwks", f"http://127.0.0.1:{keys}/api/idp/v1/keys"]
    handler = subprocess.Popen(
        [*command, *(["--fault", fault] if fault else [])], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        url = next(re.search(r"http://\S+", line)[0] for line in handler.stdout if f":{port}" in line)
        lines = ["--cases", "5", "--idp", f"127.0.0.1:{keys}", "--identity", IDENTITY]
        return run(url=url, arguments="\n".join(lines) + "\n", secrets=SECRETS)
    finally:
        handler.terminate()
        handler.wait()


code, output, summary, reports, work, done = against(None)
assert (code, output) == (0, "0"), (code, output, done.stdout, done.stderr)
assert reports == ["acgw.html", "acgw.json", "acgw.sarif", "acgw.xml"], reports
assert summary == (work / "acgw.md").read_text() and "CONFORMS" in summary, summary[:500]

code, output, summary, reports, _, done = against("alg-none")
assert (code, output) == (1, "1"), (code, output, done.stdout, done.stderr)
assert "JWT-" in summary and "acgw.json" in reports, (summary[:500], reports)

code, output, _, _, _, done = run(url=f"http://127.0.0.1:{free_port()}/", arguments=f"--identity\n{IDENTITY}", secrets=SECRETS)
assert (code, output) == (3, "3"), (code, output, done.stdout, done.stderr)

# What would be code in a shell is an argument.
code, output, _, _, work, done = run(
    url="http://127.0.0.1:1/", arguments=f'--identity\n{IDENTITY}\n--only\n$(touch "$RUNNER_TEMP/hacked")', secrets=SECRETS
)
assert (code, output) == (2, "2") and "hacked" in done.stderr, (code, output, done.stdout, done.stderr)
assert not (work / "hacked").exists()
print("action.yml: 4 runs as expected")
