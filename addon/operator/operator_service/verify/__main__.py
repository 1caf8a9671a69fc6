"""`tillsyn-verify`: check a home's signed log, or the console that a host serves, against the municipality's root."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from operator_service.thumbprint import kid, no_options
from tillsyn.schedule import STOCKHOLM

from .console import NotTheSame, check_console
from .log import NotVerified, Verified, verify_log


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tillsyn-verify", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    log = commands.add_parser("log", help="a signed log that was taken out of a home; no network is used")
    log.add_argument("file", type=Path)
    console = commands.add_parser("console", help="what a host serves, against the list that the root has signed")
    console.add_argument("url", help="http(s)://HOST[:PORT]")
    for one in (log, console):
        one.add_argument(
            "--root", required=True, type=kid, help="thumbprint of the root key, as tillsyn-root shows it (43 letters)"
        )
        one.add_argument("--json", action="store_true", help="the result as JSON, for programs")
    return parser.parse_args(no_options(sys.argv[1:]))


def _told(found: Verified) -> str:
    made = datetime.fromtimestamp(found.made, STOCKHOLM)
    lines = [
        f"Holds: the log of {found.label}, {found.municipality}, as its hub signed it on {made:%Y-%m-%d %H:%M}.",
        f"  lines     {found.lines}, from number {found.first}, none missing between",
        f"  looks     {found.looks}",
        f"  receipts  {found.receipts}, in an unbroken chain",
        f"            {found.acknowledged} acknowledged by whoever looked",
        f"            {found.kept} shown to be kept by the municipality's service, for {found.nights} nights",
    ]
    if found.unfounded:
        lines.append(f"  {found.unfounded} acknowledgements do not hold, and are not counted.")
    if found.differing:
        nights = ", ".join(found.differing)
        lines.append(f"  THE MUNICIPALITY'S SERVICE HAS SAID TWO DIFFERENT THINGS of these nights: {nights}.")
    if found.older:
        lines.append(f"  {found.older} receipts in the lines are of an earlier bridge or municipality of this home.")
    if found.purged:
        lines.append("  It begins with a summary of what was too old to be kept; who looked then is not in it.")
    if found.unsigned:
        lines.append(f"  {found.unsigned} of the looks had no signed receipt yet.")
    return "\n".join(lines)


def main() -> None:
    """The command; leaves with 1 where it does not hold."""
    asked = _arguments()
    try:
        if asked.command == "log":
            found = verify_log(asked.file.read_bytes(), asked.root)
            sys.stdout.write((json.dumps(asdict(found), ensure_ascii=False) if asked.json else _told(found)) + "\n")
        else:
            names = check_console(asked.url, asked.root)
            told = f"Holds: the {len(names)} files of {asked.url} are those that the root has signed."
            sys.stdout.write((json.dumps({"files": names}) if asked.json else told) + "\n")
    except OSError as err:
        sys.stderr.write(f"tillsyn-verify: {err.strerror or err}\n")
        sys.exit(2)
    except (NotVerified, NotTheSame) as err:
        sys.stderr.write(f"tillsyn-verify: DOES NOT HOLD: {err}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
