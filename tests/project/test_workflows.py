"""The hosted checks run what is run here, on what is promised; and what they use cannot change under them."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github/workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"\s+uses: [a-z0-9-]+/[\w./-]+@[0-9a-f]{40} # \S+")
APPS = sorted((ROOT / "addon").glob("*/config.yaml"))


def workflow(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return found


def steps(job: dict[str, Any]) -> str:
    """All that a job runs and uses."""
    return "\n".join(step.get("run", step.get("uses", "")) for step in job["steps"])


def versions() -> list[str]:
    """Home Assistant's, newest first: those of the two locks."""
    locked = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    newest = next(package["version"] for package in locked if package["name"] == "homeassistant")
    oldest = re.search(r"^homeassistant==(\S+)", (ROOT / "script/oldest.txt").read_text(), re.MULTILINE)
    assert oldest is not None
    return [newest, oldest[1]]


def test_there_are_workflows() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_a_hash_and_says_its_version(path: Path) -> None:
    used = [line for line in path.read_text().splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_may_do_no_more_than_it_says_and_ends(path: Path) -> None:
    read = workflow(path.name)
    assert read["permissions"] == {}
    assert [name for name, job in read["jobs"].items() if not {"permissions", "timeout-minutes"} <= job.keys()] == []
    kept = [
        step
        for job in read["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@") and step["with"].get("persist-credentials") is not False
    ]
    assert kept == []


def test_nobody_elses_text_becomes_a_command() -> None:
    """What a pull request may name (its title, its branch) reaches a shell only as a variable."""
    run = [step["run"] for path in WORKFLOWS for job in workflow(path.name)["jobs"].values() for step in job["steps"]
           if "run" in step]  # fmt: skip
    assert [text for text in run if re.search(r"\$\{\{(?! matrix\.arguments \}\})", text)] == []


def test_ci_runs_every_test_in_both_versions_of_home_assistant() -> None:
    test = workflow("ci.yml")["jobs"]["test"]
    rows = test["strategy"]["matrix"]["include"]
    assert [(row["home-assistant"], row["arguments"]) for row in rows] == list(
        zip(versions(), ["", "--oldest"], strict=True)
    )
    assert "script/test ${{ matrix.arguments }}" in steps(test)


def test_ci_lints_and_asks_hassfest_and_hacs() -> None:
    jobs = workflow("ci.yml")["jobs"]
    assert "script/lint" in steps(jobs["lint"])
    assert "home-assistant/actions/hassfest@" in steps(jobs["hassfest"])
    assert "hacs/action@" in steps(jobs["hacs"])
    assert jobs["hacs"]["steps"][-1]["with"] == {"category": "integration"}


def test_what_is_run_here_runs_both_versions_too() -> None:
    assert "exec script/test" in (ROOT / ".ci/run").read_text()
    everything = (ROOT / "script/test").read_text().partition("everything() {")[2].partition("\n}")[0]
    assert "with_home_assistant integration tests/integration" in everything
    assert "in_oldest tests/integration" in everything


def test_a_release_builds_each_app_for_each_machine_under_its_own_name() -> None:
    jobs = workflow("release.yml")["jobs"]
    matrix = jobs["image"]["strategy"]["matrix"]
    arches = {row["arch"] for row in matrix["machine"]}
    built = {(row["folder"], row["name"], f"ghcr.io/trygghetskamera/{row['image']}") for row in matrix["app"]}
    read = {path.parent.name: yaml.safe_load(path.read_text()) for path in APPS}
    assert built == {(folder, app["name"], app["image"]) for folder, app in read.items()}
    assert all(set(app["arch"]) == arches for app in read.values())
    assert all((ROOT / "addon" / folder / "Dockerfile").exists() for folder in read)
    manifest = jobs["manifest"]
    assert {f"ghcr.io/trygghetskamera/{name}" for name in manifest["strategy"]["matrix"]["image"]} == {
        app["image"] for app in read.values()
    }
    assert set(json.loads(manifest["steps"][0]["with"]["architectures"])) == arches
    build = jobs["image"]["steps"][-1]["with"]
    assert build["file"] == "addon/${{ matrix.app.folder }}/Dockerfile"
    assert "context" not in build


def test_images_are_pushed_on_a_tag_only() -> None:
    read = workflow("release.yml")
    # YAML's own idea of `on`.
    assert read[True]["push"] == {"tags": ["v*"]}  # type: ignore[index]
    assert read["jobs"]["image"]["steps"][-1]["with"]["push"] == "${{ github.ref_type == 'tag' }}"
    assert all(read["jobs"][name]["if"] == "github.ref_type == 'tag'" for name in ("manifest", "release"))


def test_all_parts_have_the_same_version() -> None:
    found = {yaml.safe_load(path.read_text())["version"] for path in APPS}
    found.add(json.loads((ROOT / "custom_components/trygghetskamera/manifest.json").read_text())["version"])
    found.add(json.loads((ROOT / "addon/operator/console/package.json").read_text())["version"])
    for path in (ROOT / "pyproject.toml", *ROOT.glob("addon/*/pyproject.toml")):
        found.add(tomllib.loads(path.read_text())["project"]["version"])
    assert len(found) == 1


def test_dependabot_looks_where_there_is_something() -> None:
    read = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())
    files = {"github-actions": ".github/workflows", "npm": "package-lock.json", "docker": "Dockerfile", "uv": "uv.lock"}
    assert {row["package-ecosystem"] for row in read["updates"]} == files.keys()
    for row in read["updates"]:
        for folder in row.get("directories", [row.get("directory")]):
            assert (ROOT / folder.strip("/") / files[row["package-ecosystem"]]).exists()
