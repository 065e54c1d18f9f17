#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the alert rules as Prometheus itself reads them (rule_files), from those that its operator reads."""
import pathlib
import textwrap

RULES = pathlib.Path(__file__).resolve().parents[1] / "k8s/components/monitoring/alerts.yaml"


def plain(text):
    head, mark, groups = text.partition("\nspec:\n")
    if not mark:
        raise SystemExit(f"{RULES} has no line 'spec:'")
    return "# SPDX-License-Identifier: Apache-2.0\n" + textwrap.dedent(groups)


if __name__ == "__main__":
    print(plain(RULES.read_text()), end="")
